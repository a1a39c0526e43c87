import { createAliasLoader } from "../builder/run/load-alias.ts"
import { limitTime } from "../shared/secrets/limit-time.ts"
import { MASK } from "../shared/secrets/mask.ts"
import type { SecretSource } from "../shared/secrets/secret-source.ts"
import { decodeTaskFile } from "../shared/task-file/decode-task-file.ts"
import { readTaskFile } from "../shared/task-file/read-task-file.ts"
import { readVaultSecrets } from "../shared/task-file/read-vault-secrets.ts"
import type { Task } from "../shared/task-file/task.ts"
import type { TaskTexts } from "../shared/task-file/task-file-input.ts"
import { mergeValues } from "../shared/templates/merge-values.ts"
import { readSetValues } from "../shared/templates/read-set-values.ts"
import { readValues } from "../shared/templates/read-values.ts"
import { renderTemplate } from "../shared/templates/render-template.ts"
import type { TextProblem } from "../shared/templates/rendered-text.ts"
import { templateRoots } from "../shared/templates/template-roots.ts"
import type { GoMap } from "../shared/templates/values/go-value.ts"
import type { LocalFile } from "./find-local-file.ts"
import { type LocalRun, localRunVariables } from "./local-run.ts"
import type { TaskInputs } from "./read-inputs.ts"

/** As the service's setting has it by default. */
export const SECRET_TIMEOUT_MS = 20_000

/** A problem with the file that it is in. */
export type FileProblem = TextProblem & { file: string }
/** `task` is there when there is no problem. */
export type LocalTask = {
  task: Task | undefined
  problems: FileProblem[]
  warnings: FileProblem[]
  texts: TaskTexts
  /** Values of its `secrets`, and what the URLs of its alias files hold, to be masked. */
  secretValues: string[]
}
type Options = {
  run: LocalRun
  now(): Date
  /** Where its `secrets` are read. */
  secrets: SecretSource
}

/** Reads a task file as a run on this machine does. Nothing is run; only files of aliases that are URLs are fetched. */
export async function readLocalTask(inputs: TaskInputs, { run, now, secrets }: Options): Promise<LocalTask> {
  const startedAt = now()
  const variables = localRunVariables(run, startedAt)
  const text = decoded(inputs.file)
  const values = valuesOf(inputs)
  if ("problems" in text || "problems" in values) {
    const problems = [text, values].flatMap((one) => ("problems" in one ? one.problems : []))
    return { task: undefined, problems, warnings: [], texts: {}, secretValues: [] }
  }
  const secretValues: string[] = []
  const result = await readTaskFile(text.text, {
    render: (source, roots) => renderTemplate(source, roots, { now: () => startedAt, environment: variables }),
    roots: (secrets) => templateRoots({ run: variables, values: values.values, secrets }),
    // From any URL that the machine reaches: it is the user's own.
    loadAlias: createAliasLoader({
      places: { workspace: inputs.workspace, home: "", volumes: "", temporary: "" },
      rules: { allowedHosts: ["*"] },
      addSecrets: (secrets) => secretValues.push(...secrets),
    }),
    resolveSecrets: readVaultSecrets(
      limitTime(secrets, SECRET_TIMEOUT_MS),
      (values) => secretValues.push(...values),
      new AbortController().signal,
    ),
    platform: "linux",
    environment: inputs.environment,
  })
  const inFile = (problem: TextProblem) => ({ file: inputs.file.shown, ...problem })
  return {
    task: result.ok ? result.task : undefined,
    problems: result.ok ? [] : result.problems.map(inFile),
    warnings: result.warnings.map(inFile),
    texts: result.texts,
    secretValues,
  }
}

type Decoded = { text: string } | { problems: FileProblem[] }

function decoded({ bytes, shown }: LocalFile): Decoded {
  const result = decodeTaskFile(bytes)
  if (result.ok) return { text: result.text }
  return { problems: result.problems.map((problem) => ({ file: shown, ...problem })) }
}

function valuesOf({ valuesFile, values }: TaskInputs): { values: GoMap } | { problems: FileProblem[] } {
  const file = valuesFile === undefined ? { text: "" } : decoded(valuesFile)
  if ("problems" in file) return file
  const read = readValues(file.text)
  if (!read.ok) return { problems: [{ file: valuesFile?.shown ?? "values", ...read.problem }] }
  const set = readSetValues(values.map(({ name, value }) => `${name}=${value}`))
  // The command line was read by the same rules.
  if (!set.ok) throw new TypeError(set.problem)
  return { values: mergeValues(read.values, set.values) }
}

/** A mask in the place of every secret, which is not read: for showing. */
export const maskedSecrets: SecretSource = { read: async () => ({ ok: true, value: MASK }) }
