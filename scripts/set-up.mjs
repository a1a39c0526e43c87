// Makes a fresh machine ready: npm's packages, the programs that the stack and its tests use, a container engine when none
// answers. Plain Node 20 without dependencies, since it runs before there are any. Says what it installs and why; says
// nothing and takes a fraction of a second when nothing is missing.
//
//   node scripts/set-up.mjs [--for demo|test|start]
import path from "node:path"
import { parseArgs } from "node:util"
import { SetUpError } from "./set-up/run.mjs"
import { setUp } from "./set-up/set-up.mjs"

const { values } = parseArgs({ options: { for: { type: "string", default: "start" } } })
const root = path.dirname(import.meta.dirname)
const purpose = values.for

try {
  if (purpose !== "demo" && purpose !== "test" && purpose !== "start") {
    throw new SetUpError(`--for takes demo, test or start, not ${purpose}`)
  }
  setUp({ root, purpose, dataFolder: path.resolve(root, process.env.SLIPWAY_DATA ?? ".slipway"), say: console.log })
} catch (error) {
  if (!(error instanceof SetUpError)) throw error
  console.error(`set-up: ${error.message}`)
  process.exitCode = 1
}
