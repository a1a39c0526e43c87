// Builds the real `pack` and its lifecycle with Go into the data folder: test/e2e/az/pack.test.ts runs with them in place of its
// stand-in (npm run test:pack). Does nothing when they are there; to get others, remove the folder. What Go needs to reach its modules
// (GOPROXY; GONOSUMDB where the checksum database lacks a module, as for buildpacks/imgutil) comes from the environment.
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs"
import path from "node:path"
import { run, SetUpError } from "./set-up/run.mjs"

const PACK_VERSION = "0.38.2"
const LIFECYCLE_VERSION = "0.20.11"

const root = path.dirname(import.meta.dirname)
const folder = path.join(path.resolve(root, process.env.SLIPWAY_DATA || ".slipway"), "real-pack")

try {
  if (!run("go", ["version"]).isOk)
    throw new SetUpError("go is missing: install Go 1.24 or newer, see https://go.dev/dl/")
  mkdirSync(folder, { recursive: true })
  build(
    "pack",
    `github.com/buildpacks/pack@v${PACK_VERSION}`,
    "",
    "github.com/buildpacks/pack/pkg/client.Version",
    PACK_VERSION,
  )
  const lifecycle = `github.com/buildpacks/lifecycle@v${LIFECYCLE_VERSION}`
  const name = "github.com/buildpacks/lifecycle/cmd.Version"
  build("lifecycle", lifecycle, "/cmd/lifecycle", name, LIFECYCLE_VERSION)
  build("launcher", lifecycle, "/cmd/launcher", name, LIFECYCLE_VERSION)
} catch (error) {
  if (!(error instanceof SetUpError)) throw error
  console.error(`real-pack: ${error.message}`)
  process.exitCode = 1
}

/**
 * By a module of its own and not by `go install`, which wants to list every version that there is.
 * @param {string} program
 * @param {string} module path and version
 * @param {string} main folder of the program in its module
 * @param {string} variable that holds the version
 * @param {string} version
 */
function build(program, module, main, variable, version) {
  const file = path.join(folder, program)
  if (existsSync(file)) return
  console.log(`real-pack: building ${program} ${version} (a minute or two)`)
  const [name = "", tag = ""] = module.split("@")
  const work = path.join(folder, `build-${program}`)
  mkdirSync(work, { recursive: true })
  writeFileSync(path.join(work, "go.mod"), `module slipway.test/${program}\n\ngo 1.24\n\nrequire ${name} ${tag}\n`)
  const env = { ...process.env, CGO_ENABLED: "0", GOFLAGS: "-mod=mod" }
  const args = ["-C", work, "build", "-ldflags", `-X ${variable}=${version}`, "-o", file, `${name}${main}`]
  const result = run("go", args, { env })
  rmSync(work, { recursive: true, force: true })
  if (!result.isOk) throw new SetUpError(`go build of ${module} failed:\n${(result.stderr || result.stdout).trim()}`)
}
