import type { TaskWork } from "../../shared/builders/run-work.ts"
import type { SecretSource } from "../../shared/secrets/secret-source.ts"
import { readTaskFile } from "../../shared/task-file/read-task-file.ts"
import { readVaultSecrets } from "../../shared/task-file/read-vault-secrets.ts"
import type { TaskFileInput } from "../../shared/task-file/task-file-input.ts"
import { problemLine } from "../../shared/task-file/text/problem-line.ts"
import { mergeValues } from "../../shared/templates/merge-values.ts"
import { readSetValues } from "../../shared/templates/read-set-values.ts"
import { readValues } from "../../shared/templates/read-values.ts"
import { renderTemplate } from "../../shared/templates/render-template.ts"
import { templateRoots } from "../../shared/templates/template-roots.ts"
import type { NetworkRules } from "../context/guarded-connect.ts"
import { RunFailure } from "../failures/run-failure.ts"
import type { Plan } from "../steps/plan.ts"
import type { RunPlaces } from "../steps/step-deps.ts"
import { createAliasLoader } from "./load-alias.ts"
import { readGivenText } from "./read-given-text.ts"

export type ReadTaskDeps = {
  places: RunPlaces
  /** `.Run` (task-file 4). */
  variables: Readonly<Record<string, string>>
  platformOs: string
  /** `NAME=value` of every step, where the task does not set it. */
  environment: string[] | undefined
  rules: NetworkRules
  ca: string | undefined
  secrets: SecretSource
  /** Hides further secrets from now on. */
  addSecrets(secrets: readonly string[]): void
  now(): Date
  say(line: string): void
  signal: AbortSignal
}

/** Tells one line of the log a problem; there may be thousands in a hostile file. */
const MAX_TOLD = 100

/**
 * Reads a run's task file and says every mistake in it, each with its place in the user's own text. Errors: RunFailure with the first
 * mistake, when there is any.
 */
export async function readTask(work: TaskWork, deps: ReadTaskDeps): Promise<Plan> {
  const name = "path" in work.file ? work.file.path : "task"
  const text = await readGivenText(work.file, "task file", deps.places)
  const values = await valuesOf(work, deps)
  const result = await readTaskFile(text, inputOf(values, deps))
  for (const warning of result.warnings.slice(0, MAX_TOLD)) deps.say(`WARNING: ${problemLine(name, warning)}`)
  if (result.ok) return result.task
  for (const problem of result.problems.slice(0, MAX_TOLD)) deps.say(`ERROR: ${problemLine(name, problem)}`)
  const [first] = result.problems
  const more = result.problems.length > 1 ? ` (and ${result.problems.length - 1} more, see the log)` : ""
  const line = first === undefined ? "it cannot be read" : problemLine(name, first)
  throw new RunFailure("Failed", `failed to unmarshal task before running: ${line}${more}`)
}

function inputOf(values: Parameters<typeof templateRoots>[0]["values"], deps: ReadTaskDeps): TaskFileInput {
  const options = { now: deps.now, environment: deps.variables }
  return {
    render: (source, roots) => renderTemplate(source, roots, options),
    roots: (secrets) => templateRoots({ run: deps.variables, values, secrets }),
    loadAlias: createAliasLoader(deps),
    resolveSecrets: readVaultSecrets(deps.secrets, deps.addSecrets, deps.signal),
    platform: deps.platformOs === "windows" ? "windows" : "linux",
    ...(deps.environment === undefined ? {} : { environment: deps.environment }),
  }
}

async function valuesOf({ valuesFile, values }: TaskWork, deps: ReadTaskDeps) {
  const file = valuesFile === undefined ? "" : await readGivenText(valuesFile, "values file", deps.places)
  const read = readValues(file)
  if (!read.ok) {
    const name = valuesFile !== undefined && "path" in valuesFile ? valuesFile.path : "values"
    throw new RunFailure("Failed", problemLine(name, read.problem))
  }
  const set = readSetValues(values.map(({ name, value }) => `${name}=${value}`))
  if (!set.ok) throw new RunFailure("Failed", set.problem)
  return mergeValues(read.values, set.values)
}
