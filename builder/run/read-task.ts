import { open } from "node:fs/promises"
import type { TaskWork } from "../../shared/builders/run-work.ts"
import { decodeTaskFile, MAX_TASK_FILE_BYTES } from "../../shared/task-file/decode-task-file.ts"
import { readTaskFile } from "../../shared/task-file/read-task-file.ts"
import type { TaskFileInput } from "../../shared/task-file/task-file-input.ts"
import { problemLine } from "../../shared/task-file/text/problem-line.ts"
import { mergeValues } from "../../shared/templates/merge-values.ts"
import { readSetValues } from "../../shared/templates/read-set-values.ts"
import { readValues } from "../../shared/templates/read-values.ts"
import { renderTemplate } from "../../shared/templates/render-template.ts"
import { templateRoots } from "../../shared/templates/template-roots.ts"
import { quoteName } from "../context/context-error.ts"
import type { NetworkRules } from "../context/guarded-connect.ts"
import { guardedGet } from "../context/guarded-request.ts"
import { hostPath } from "../steps/host-path.ts"
import type { RunPlaces } from "../steps/step-deps.ts"
import type { Plan } from "./plan.ts"
import { RunFailure } from "./run-failure.ts"

export type ReadTaskDeps = {
  places: RunPlaces
  /** `.Run` (task-file 4). */
  variables: Readonly<Record<string, string>>
  platformOs: string
  /** `NAME=value` of every step, where the task does not set it. */
  environment: string[] | undefined
  rules: NetworkRules
  ca: string | undefined
  now(): Date
  say(line: string): void
  signal: AbortSignal
}

/** Tells one line of the log a problem; there may be thousands in a hostile file. */
const MAX_TOLD = 100
const ALIAS_TIMEOUT_MS = 10_000
const MAX_ALIAS_BYTES = 1024 * 1024

/**
 * Reads a run's task file and says every mistake in it, each with its place in the user's own text. Errors: RunFailure with the first
 * mistake, when there is any.
 */
export async function readTask(work: TaskWork, deps: ReadTaskDeps): Promise<Plan> {
  const name = "path" in work.file ? work.file.path : "task"
  const text = await textOf(work.file, "task file", deps)
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
    loadAlias: (source) => loadAlias(source, deps),
    resolveSecrets: async (references) => ({
      ok: false,
      problems: references.map(({ id }) => ({
        id,
        message:
          "Key Vault secrets are not supported by this version; give it as a secret value: --set-secret name=value.",
      })),
    }),
    platform: deps.platformOs === "windows" ? "windows" : "linux",
    ...(deps.environment === undefined ? {} : { environment: deps.environment }),
  }
}

async function valuesOf({ valuesFile, values }: TaskWork, deps: ReadTaskDeps) {
  const file = valuesFile === undefined ? "" : await textOf(valuesFile, "values file", deps)
  const read = readValues(file)
  if (!read.ok) {
    const name = valuesFile !== undefined && "path" in valuesFile ? valuesFile.path : "values"
    throw new RunFailure("Failed", problemLine(name, read.problem))
  }
  const set = readSetValues(values.map(({ name, value }) => `${name}=${value}`))
  if (!set.ok) throw new RunFailure("Failed", set.problem)
  return mergeValues(read.values, set.values)
}

type GivenText = { path: string } | { text: string }

async function textOf(given: GivenText, what: string, { places }: Pick<ReadTaskDeps, "places">): Promise<string> {
  if ("text" in given) return given.text
  const path = await hostPath(given.path, { workingDirectory: "", volumeMounts: [] }, places).catch((error) => {
    throw new RunFailure("Failed", `The ${what} ${quoteName(given.path)} was not found in the source code.`, {
      cause: error,
    })
  })
  const decoded = decodeTaskFile(await readStart(path, what))
  if (decoded.ok) return decoded.text
  const [problem] = decoded.problems
  throw new RunFailure(
    "Failed",
    problem === undefined ? `The ${what} cannot be read.` : problemLine(given.path, problem),
  )
}

/** As much of a file as shows that it is too large. */
async function readStart(path: string, what: string): Promise<Buffer> {
  const file = await open(path)
  try {
    if (!(await file.stat()).isFile()) throw new RunFailure("Failed", `The ${what} is no file.`)
    const buffer = Buffer.alloc(MAX_TASK_FILE_BYTES + 1)
    const { bytesRead } = await file.read(buffer, 0, buffer.length, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

/** A file of aliases: from the context, or from a URL by the same rules as any source. */
async function loadAlias(
  source: string,
  deps: ReadTaskDeps,
): Promise<{ ok: true; text: string } | { ok: false; problem: string }> {
  try {
    if (!/^https?:\/\//i.test(source)) return { ok: true, text: await textOf({ path: source }, "alias file", deps) }
    const signal = AbortSignal.any([deps.signal, AbortSignal.timeout(ALIAS_TIMEOUT_MS)])
    const { answer } = await guardedGet(new URL(source), { rules: deps.rules, ca: deps.ca, signal })
    if (answer.statusCode !== 200) {
      answer.destroy()
      return { ok: false, problem: `the server of ${quoteName(source)} answered ${answer.statusCode}` }
    }
    const chunks: Buffer[] = []
    let bytes = 0
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      bytes += chunk.length
      if (bytes > MAX_ALIAS_BYTES)
        return { ok: false, problem: `${quoteName(source)} is larger than ${MAX_ALIAS_BYTES} bytes` }
      chunks.push(chunk)
    }
    const decoded = decodeTaskFile(Buffer.concat(chunks))
    return decoded.ok ? decoded : { ok: false, problem: `${quoteName(source)} is no text in UTF-8` }
  } catch (error) {
    deps.signal.throwIfAborted()
    return { ok: false, problem: error instanceof Error ? error.message : String(error) }
  }
}
