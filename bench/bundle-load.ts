import path from "node:path"
import { fileURLToPath } from "node:url"
import { runCommand } from "../local/cli/run-command.ts"
import { readEnvironment } from "../local/config.ts"
import { repositoryRoot } from "../local/repository-root.ts"
import { atMost, type Figure } from "./figure.ts"
import { median, spread } from "./statistics.ts"

const PROCESSES = 10
const LIMIT_MS = 200

/** `import()` of the function app's bundle in a fresh process, as a worker loads it; the start of Node is not in it. */
export async function measureBundleLoad(): Promise<Figure[]> {
  const root = repositoryRoot()
  const samples: number[] = []
  for (let sample = 1; sample <= PROCESSES; sample += 1) {
    const { code, stdout, stderr } = await runCommand(
      process.execPath,
      [fileURLToPath(new URL("./load-bundle.mjs", import.meta.url)), path.join(root, "dist", "functions.mjs")],
      { env: readEnvironment(), cwd: root },
    )
    if (code !== 0) throw new Error(`the bundle did not load: ${stderr}`)
    samples.push(Number(stdout))
  }
  return [
    atMost(
      "bundle load",
      median(samples),
      LIMIT_MS,
      "ms",
      `median of ${PROCESSES} fresh processes, ${spread(samples)}; \`import()\` alone, without the start of Node`,
    ),
  ]
}
