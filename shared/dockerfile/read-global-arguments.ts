import { expandWord, type Variables } from "./expand-word.ts"
import type { Instruction, Problem } from "./read-instructions.ts"
import { splitWords } from "./split-words.ts"

/**
 * The arguments that `FROM` lines see: the engine's own and those declared before the first `FROM`, where a given build
 * argument beats a default, a later default beats an earlier one, and defaults may use what stands above them. A build
 * argument that no `ARG` declares does not count.
 */
export function readGlobalArguments(
  beforeFirstFrom: Instruction[],
  escapeCharacter: string,
  { predefined, buildArguments }: { predefined: Variables; buildArguments: Variables },
  problems: Problem[],
): Variables {
  const globals = new Map<string, string>()
  for (const [name, value] of predefined) globals.set(name, buildArguments.get(name) ?? value)
  for (const { keyword, rest, line } of beforeFirstFrom) {
    if (keyword !== "ARG") {
      problems.push({ line, message: `no build stage in current context: ${keyword} stands before the first FROM` })
      continue
    }
    const words = splitWords(rest, escapeCharacter)
    if (words.length === 0) problems.push({ line, message: "ARG requires at least one argument" })
    for (const word of words) {
      const equals = word.indexOf("=")
      const name = equals < 0 ? word : word.slice(0, equals)
      const given = buildArguments.get(name)
      // A default that cannot be expanded counts as unset: engines complain only where it is used.
      const standard = equals < 0 ? undefined : expandWord(word.slice(equals + 1), globals, escapeCharacter)
      if (given !== undefined) globals.set(name, given)
      else if (standard !== undefined && "value" in standard) globals.set(name, standard.value)
    }
  }
  return globals
}
