import type { RenderedText } from "../../templates/rendered-text.ts"
import type { Findings } from "../checks/report.ts"
import type { TaskFileInput } from "../task-file-input.ts"
import { createPositions } from "../text/positions.ts"
import { composeSegments, sourceOffset } from "../text/segments.ts"
import { type Decoded, decodeYaml } from "../yaml/decode-yaml.ts"
import { parseYaml } from "../yaml/parse-yaml.ts"
import { AliasFile } from "./alias-section.ts"
import { builtInAliases } from "./built-in-aliases.ts"
import { loadAliasFiles } from "./load-alias-files.ts"
import { MAX_REPLACED_LENGTH, replaceAliases } from "./replace-aliases.ts"
import { splitAliasSection } from "./split-alias-section.ts"
import { aliasNameProblem, directiveProblem } from "./validate-aliases.ts"

export type AppliedAliases = { text: RenderedText; aliases: ReadonlyMap<string, string> }
type Section = NonNullable<AliasFile["alias"]>

/**
 * The alias pass (task-file 5): cuts the `alias` sections out, renders them, collects the aliases (own values win over later files,
 * those over earlier ones, those over the built-in ones) and replaces them in the rest. Both texts lead back to the user's own.
 * Undefined when there were mistakes, which are in `findings`.
 */
export async function applyAliases(
  stripped: RenderedText,
  input: TaskFileInput,
  findings: Findings,
): Promise<AppliedAliases | undefined> {
  const parts = splitAliasSection(stripped.text)
  const before = findings.problems.length
  const section = composeSegments(parts.section, stripped)
  const rendered = section.text === "" ? section : renderSection(section, input, findings)
  if (rendered === undefined) return undefined
  const decoded = decodeSection(rendered, findings)
  const own: Section = decoded?.value?.alias ?? {}
  const offsetOf = (...path: (string | number)[]) =>
    sourceOffset(rendered.segments, decoded?.places.ofKey(["alias", ...path]) ?? 0)

  const directive = own.directive || "$"
  const wrong = directiveProblem(directive)
  if (wrong !== undefined) findings.problems.push({ message: wrong, offset: offsetOf("directive") })
  for (const name of Object.keys(own.values ?? {})) {
    const problem = aliasNameProblem(name)
    if (problem !== undefined) findings.problems.push({ message: problem, offset: offsetOf("values", name) })
  }
  const files = await loadAliasFiles(own.src ?? [], input, (index) => offsetOf("src", index), findings)
  if (findings.problems.length > before) return undefined

  const aliases = builtInAliases(input.platform)
  for (const values of [...files, own.values ?? {}]) {
    for (const [name, value] of Object.entries(values)) aliases.set(name, value)
  }
  const replaced = replaceAliases(parts.rest.text, aliases, directive)
  if (replaced === undefined) {
    const message = `the text is longer than ${MAX_REPLACED_LENGTH} characters once its aliases are replaced: shorten their values.`
    findings.problems.push({ message, offset: 0 })
    return undefined
  }
  return { text: composeSegments(replaced, composeSegments(parts.rest, stripped)), aliases }
}

function renderSection(
  section: RenderedText,
  { render, roots }: TaskFileInput,
  findings: Findings,
): RenderedText | undefined {
  const result = render(section.text, roots({}))
  if (result.ok) return composeSegments(result.rendered, section)
  const { message, ...place } = result.problem
  const offset = sourceOffset(section.segments, createPositions(section.text).offsetOf(place))
  findings.problems.push({ message: `error while rendering templates: ${message}`, offset })
  return undefined
}

function decodeSection(rendered: RenderedText, findings: Findings): Decoded<AliasFile> | undefined {
  const { root, problems } = parseYaml(rendered.text)
  const decoded = problems.length === 0 ? decodeYaml(root, AliasFile) : undefined
  for (const { message, offset } of decoded?.problems ?? problems) {
    const text = `error during alias unmarshaling: ${message}`
    findings.problems.push({ message: text, offset: sourceOffset(rendered.segments, offset) })
  }
  for (const { message, offset } of decoded?.warnings ?? []) {
    findings.warnings.push({ message, offset: sourceOffset(rendered.segments, offset) })
  }
  return decoded
}
