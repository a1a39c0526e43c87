import { shownLocation } from "../../contexts/shown-location.ts"
import type { Findings } from "../checks/report.ts"
import { withPlainLineEnds } from "../decode-task-file.ts"
import type { TaskFileInput } from "../task-file-input.ts"
import { createPositions } from "../text/positions.ts"
import { decodeYaml } from "../yaml/decode-yaml.ts"
import { parseYaml } from "../yaml/parse-yaml.ts"
import { AliasValues } from "./alias-section.ts"
import { aliasNameProblem } from "./validate-aliases.ts"

const MAX_FILES = 20
const MAX_FILE_LENGTH = 256 * 1024

/**
 * Loads the files of `alias.src`, in order, and reads their names and values, which are not rendered (task-file 5). Every mistake
 * is told, with its line in that file, at `offsetOf` the entry that names it.
 */
export async function loadAliasFiles(
  sources: readonly string[],
  { loadAlias }: Pick<TaskFileInput, "loadAlias">,
  offsetOf: (index: number) => number,
  findings: Findings,
): Promise<Record<string, string>[]> {
  if (sources.length > MAX_FILES) {
    findings.problems.push({
      message: `alias.src names more than ${MAX_FILES} files: join them.`,
      offset: offsetOf(MAX_FILES),
    })
    return []
  }
  const loaded = await Promise.all(sources.map((source) => loadAlias(source)))
  return loaded.map((file, index) => {
    const problem = (message: string) =>
      void findings.problems.push({
        message: `${shownSource(sources[index] ?? "")}: ${message}`,
        offset: offsetOf(index),
      })
    if (!file.ok) problem(file.problem)
    else if (file.text.length > MAX_FILE_LENGTH) problem(`the file is longer than ${MAX_FILE_LENGTH} characters.`)
    else return readAliasFile(withPlainLineEnds(file.text), problem)
    return {}
  })
}

/** A URL may hold a password or a token. */
function shownSource(source: string): string {
  return /^[a-z]+:/i.test(source) || source.includes("@") ? shownLocation(source).slice(1, -1) : source
}

function readAliasFile(text: string, problem: (message: string) => void): Record<string, string> {
  const positions = createPositions(text)
  const { root, problems } = parseYaml(text)
  const decoded = problems.length === 0 ? decodeYaml(root, AliasValues) : undefined
  for (const { message, offset } of decoded?.problems ?? problems)
    problem(`line ${positions.at(offset).line}: ${message}`)
  const values = decoded?.value ?? {}
  for (const name of Object.keys(values)) {
    const wrong = aliasNameProblem(name)
    if (wrong !== undefined) problem(`line ${positions.at(decoded?.places.ofKey([name]) ?? 0).line}: ${wrong}`)
  }
  return values
}
