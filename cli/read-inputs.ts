import { stat } from "node:fs/promises"
import path from "node:path"
import type { Argument } from "../shared/builders/run-work.ts"
import { readSetValues } from "../shared/templates/read-set-values.ts"
import type { CommandWorld } from "./command-world.ts"
import { findLocalFile, type LocalFile } from "./find-local-file.ts"
import type { CommandLine, InputOption } from "./read-command-line.ts"

/** What the commands share: the texts, and what the templates in them see. */
export type TaskInputs = {
  /** Absolute; what steps see as /workspace. */
  workspace: string
  file: LocalFile
  valuesFile: LocalFile | undefined
  values: Argument[]
  environment: string[]
  /** Login server; undefined: not named. */
  registry: string | undefined
  runId: string | undefined
}

export const DEFAULT_FILE = "acb.yaml"
const STANDARD_INPUT = "-"

/**
 * Reads what a command line names. `--set-secret NAME` takes the value of the environment's variable of that name, so that it stands in
 * no argument list. Errors: `usage` mistakes in the words, `problems` with what they name.
 */
export async function readInputs(
  line: CommandLine<InputOption>,
  world: CommandWorld,
): Promise<{ ok: true; inputs: TaskInputs } | { ok: false; usage: string[]; problems: string[] }> {
  const usage: string[] = []
  const values = valuesOf(line, world.environment, usage)
  const registry = line.lastOf("registry")
  if (registry !== undefined && !/^[^/\s]+$/.test(registry))
    usage.push(`--registry ${registry} is no login server: write host or host:port, without scheme and path.`)
  const runId = line.lastOf("id")
  // What a run makes on this machine is named after it.
  if (runId !== undefined && !/^[A-Za-z0-9]{1,40}$/.test(runId))
    usage.push(`--id ${runId} is no run id: it has 1 to 40 letters and digits.`)
  if (line.valuesOf("values").length > 1) usage.push("--values names one file: join them.")
  if (usage.length > 0) return { ok: false, usage, problems: [] }

  const workspace = path.resolve(world.folder, line.folder)
  const isFolder = await stat(workspace).then(
    (facts) => facts.isDirectory(),
    () => false,
  )
  if (!isFolder) return { ok: false, usage, problems: [`${line.folder} is no folder: name the one with the sources.`] }
  const places = { workspace, folder: world.folder }
  const file = await taskFileOf(line.lastOf("file") ?? DEFAULT_FILE, places, world)
  const valuesName = line.lastOf("values")
  const valuesFile = valuesName === undefined ? undefined : await findLocalFile(valuesName, places)
  const problems = [file, valuesFile].flatMap((found) => (found?.ok === false ? [found.problem] : []))
  if (!file.ok || valuesFile?.ok === false) return { ok: false, usage, problems }
  const inputs = {
    ...{ workspace, file: file.file, valuesFile: valuesFile?.file, values, registry, runId },
    environment: line.valuesOf("env"),
  }
  return { ok: true, inputs }
}

function valuesOf(
  line: CommandLine<InputOption>,
  environment: CommandWorld["environment"],
  usage: string[],
): Argument[] {
  const secrets = line.valuesOf("set-secret").map((text) => {
    const value = text.includes("=") ? undefined : environment[text]
    return value === undefined ? text : `${text}=${value}`
  })
  const pairs = [
    ...line.valuesOf("set").map((text) => ({ option: "--set", text, isSecret: false })),
    ...secrets.map((text) => ({ option: "--set-secret", text, isSecret: true })),
  ]
  return pairs.flatMap(({ option, text, isSecret }) => {
    const equals = text.indexOf("=")
    if (readSetValues([text]).ok) return [{ name: text.slice(0, equals), value: text.slice(equals + 1), isSecret }]
    const variable = isSecret && equals < 0 ? `, and the environment has no variable ${text}` : ""
    usage.push(`${option} ${equals < 0 ? text : "=…"} is no name=value${variable}.`)
    return []
  })
}

async function taskFileOf(name: string, places: { workspace: string; folder: string }, world: CommandWorld) {
  if (name !== STANDARD_INPUT) return await findLocalFile(name, places)
  return { ok: true as const, file: { bytes: await world.readInput(), shown: "stdin", workspacePath: undefined } }
}
