import type { RenderedText, TextProblem } from "../templates/rendered-text.ts"
import { stripComments } from "../templates/strip-comments.ts"
import { applyAliases } from "./aliases/apply-aliases.ts"
import { checkSecrets } from "./checks/check-secrets.ts"
import { checkVolumes } from "./checks/check-volumes.ts"
import { createReport, type Findings } from "./checks/report.ts"
import { MAX_TASK_FILE_BYTES, withPlainLineEnds } from "./decode-task-file.ts"
import { findVersion, hasAliases } from "./find-version.ts"
import { makeTask } from "./make-task.ts"
import type { SecretReference } from "./task.ts"
import type { TaskFileInput, TaskFileResult, TaskTexts } from "./task-file-input.ts"
import { TaskFile } from "./task-file-schema.ts"
import { createPositions, type Positions } from "./text/positions.ts"
import { composeSegments, sourceOffset } from "./text/segments.ts"
import { type Decoded, decodeYaml } from "./yaml/decode-yaml.ts"
import { parseYaml } from "./yaml/parse-yaml.ts"

/**
 * Reads a task file (task-file 1): comments go, aliases are replaced (v1.1.0), the text is rendered as a template, the YAML is read
 * and checked, defaults are applied, steps are put in order. Texts that speak of `secrets` are rendered twice: first without values,
 * to find which secrets there are. All mistakes of a stage are told at once, in the user's own text; a text that cannot be rendered
 * or parsed has no later stages. Rejects only when one of the input's functions does.
 */
export async function readTaskFile(text: string, input: TaskFileInput): Promise<TaskFileResult> {
  const source = withPlainLineEnds(text)
  const texts: TaskTexts = {}
  const positions = createPositions(source)
  const findings: Findings = { problems: [], warnings: [] }
  const failed = (): TaskFileResult => ({
    ok: false,
    problems: placed(findings.problems, positions),
    warnings: placed(findings.warnings, positions),
    texts,
  })
  if (Buffer.byteLength(source) > MAX_TASK_FILE_BYTES) {
    const message = `the task file is longer than ${MAX_TASK_FILE_BYTES} bytes: move data into files of the context.`
    findings.problems.push({ message, offset: 0 })
    return failed()
  }

  const stripped = stripComments(source)
  let before = stripped
  let aliases: ReadonlyMap<string, string> = new Map()
  if (hasAliases(findVersion(stripped.text))) {
    const applied = await applyAliases(stripped, input, findings)
    if (applied === undefined) return failed()
    before = applied.text
    aliases = applied.aliases
    texts.aliased = before.text
  }

  const ofAliases = [...findings.warnings]
  let rendered = render(before, {}, input, findings)
  if (rendered === undefined) return failed()
  texts.rendered = rendered.text
  let decoded = decode(rendered, findings)
  if (decoded === undefined) return failed()
  if (before.text.includes("secrets") && (decoded.value?.secrets ?? []).length > 0) {
    const secrets = await secretsOf(decoded, rendered, input, findings)
    if (secrets === undefined) return failed()
    rendered = render(before, secrets, input, findings)
    if (rendered === undefined) return failed()
    texts.rendered = rendered.text
    findings.warnings = ofAliases
    decoded = decode(rendered, findings)
    if (decoded === undefined) return failed()
  }

  const inRendered: Findings = { problems: [], warnings: [] }
  const report = createReport(decoded.places, inRendered)
  const task = makeTask(decoded.value ?? {}, { ...input, aliases }, report)
  addPlaced(findings, inRendered, rendered)
  if (task === undefined || findings.problems.length > 0) return failed()
  return { ok: true, task, warnings: placed(findings.warnings, positions), texts }
}

/** One template pass. Its result leads back to the user's text. */
function render(
  before: RenderedText,
  secrets: Record<string, string>,
  { render, roots }: TaskFileInput,
  findings: Findings,
): RenderedText | undefined {
  const result = render(before.text, roots(secrets))
  if (!result.ok) {
    const { message, ...place } = result.problem
    const offset = sourceOffset(before.segments, createPositions(before.text).offsetOf(place))
    findings.problems.push({ message: `error while rendering templates: ${message}`, offset })
    return undefined
  }
  if (result.rendered.text === "" && before.text !== "") {
    const message = "rendered template was empty: nothing of the file is left once its templates are rendered."
    findings.problems.push({ message, offset: 0 })
    return undefined
  }
  return composeSegments(result.rendered, before)
}

function decode(rendered: RenderedText, findings: Findings): Decoded<TaskFile> | undefined {
  const { root, problems } = parseYaml(rendered.text)
  if (problems.length > 0) {
    addPlaced(findings, { problems, warnings: [] }, rendered)
    return undefined
  }
  const decoded = decodeYaml(root, TaskFile)
  addPlaced(findings, decoded, rendered)
  return decoded.isComplete ? decoded : undefined
}

/** Asks for the values of the secrets that the first pass found; nothing is asked for while the file has mistakes. */
async function secretsOf(
  { value = {}, places }: Decoded<TaskFile>,
  rendered: RenderedText,
  input: TaskFileInput,
  findings: Findings,
): Promise<Record<string, string> | undefined> {
  const inRendered: Findings = { problems: [], warnings: [] }
  const report = createReport(places, inRendered)
  const references: SecretReference[] = checkSecrets(value, report)
  checkVolumes(value, report)
  addPlaced(findings, inRendered, rendered)
  if (findings.problems.length > 0) return undefined

  const resolved = await input.resolveSecrets(references)
  if (resolved.ok) return resolved.values
  for (const { id, message } of resolved.problems) {
    const index = references.findIndex((reference) => reference.id === id)
    const offset = sourceOffset(rendered.segments, places.of(["secrets", index]))
    findings.problems.push({ message: `failed to resolve secret ${id}: ${message}`, offset })
  }
  return undefined
}

function addPlaced(findings: Findings, found: Findings, rendered: RenderedText): void {
  const inSource = ({ message, offset }: { message: string; offset: number }) => ({
    message,
    offset: sourceOffset(rendered.segments, offset),
  })
  for (const problem of found.problems) findings.problems.push(inSource(problem))
  for (const warning of found.warnings) findings.warnings.push(inSource(warning))
}

/** In the order of the file; what a loop of a template repeats is told once. */
function placed(found: Findings["problems"], positions: Positions): TextProblem[] {
  const told = new Set<string>()
  return found
    .toSorted((a, b) => a.offset - b.offset)
    .map(({ message, offset }) => ({ message, ...positions.at(offset) }))
    .filter(({ message, line, column }) => {
      const key = `${line}:${column}:${message}`
      const isNew = !told.has(key)
      told.add(key)
      return isNew
    })
}
