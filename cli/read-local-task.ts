import { createAliasLoader } from "../builder/run/load-alias.ts"
import { MASK } from "../shared/secrets/mask.ts"
import { decodeTaskFile } from "../shared/task-file/decode-task-file.ts"
import { readTaskFile } from "../shared/task-file/read-task-file.ts"
import { refuseVaultSecrets } from "../shared/task-file/refuse-vault-secrets.ts"
import type { Task } from "../shared/task-file/task.ts"
import type { TaskFileInput, TaskTexts } from "../shared/task-file/task-file-input.ts"
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

/** A problem with the file that it is in. */
export type FileProblem = TextProblem & { file: string }
/** `task` is there when there is no problem. */
export type LocalTask = {
  task: Task | undefined
  problems: FileProblem[]
  warnings: FileProblem[]
  texts: TaskTexts
}
type Options = {
  run: LocalRun
  now(): Date
  /** What a Key Vault secret is here: `refused` as it is when the task runs, or a mask in its place. */
  vaultSecrets: "refused" | "masked"
}

/** Reads a task file as a run on this machine does. Nothing is run; only files of aliases that are URLs are fetched. */
export async function readLocalTask(inputs: TaskInputs, { run, now, vaultSecrets }: Options): Promise<LocalTask> {
  const startedAt = now()
  const variables = localRunVariables(run, startedAt)
  const text = decoded(inputs.file)
  const values = valuesOf(inputs)
  if ("problems" in text || "problems" in values) {
    const problems = [text, values].flatMap((one) => ("problems" in one ? one.problems : []))
    return { task: undefined, problems, warnings: [], texts: {} }
  }
  const result = await readTaskFile(text.text, {
    render: (source, roots) => renderTemplate(source, roots, { now: () => startedAt, environment: variables }),
    roots: (secrets) => templateRoots({ run: variables, values: values.values, secrets }),
    // From any URL that the machine reaches: it is the user's own.
    loadAlias: createAliasLoader({
      places: { workspace: inputs.workspace, home: "", volumes: "", temporary: "" },
      rules: { allowedHosts: ["*"] },
    }),
    resolveSecrets: vaultSecrets === "masked" ? maskedSecrets : refuseVaultSecrets,
    platform: "linux",
    environment: inputs.environment,
  })
  const inFile = (problem: TextProblem) => ({ file: inputs.file.shown, ...problem })
  return {
    task: result.ok ? result.task : undefined,
    problems: result.ok ? [] : result.problems.map(inFile),
    warnings: result.warnings.map(inFile),
    texts: result.texts,
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

const maskedSecrets: TaskFileInput["resolveSecrets"] = async (references) => ({
  ok: true,
  values: Object.fromEntries(references.map(({ id }) => [id, MASK])),
})
