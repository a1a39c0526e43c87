import { replacePattern, trimPattern } from "./shell-pattern.ts"

/** Values of variables; a name that is absent is unset, which is not the same as empty. */
export type Variables = ReadonlyMap<string, string>

/**
 * Expands one word as BuildKit's shell lexer does: quotes and escapes are removed, `$V`, `${V}`, `${V:-x}`, `${V-x}`,
 * `${V:+x}`, `${V+x}`, `${V:?x}`, `${V#p}`, `${V%p}`, `${V/p/x}` are replaced, unset is empty. Never runs anything. A
 * word that cannot be expanded gives its problem.
 */
export function expandWord(
  word: string,
  variables: Variables,
  escapeCharacter: string,
): { value: string } | { problem: string } {
  try {
    return { value: createScanner(word, variables, escapeCharacter).until("") }
  } catch (error) {
    if (error instanceof WordProblem) return { problem: error.message }
    throw error
  }
}

class WordProblem extends Error {}

function createScanner(word: string, variables: Variables, escapeCharacter: string) {
  let at = 0

  /** Everything up to `stop` (consumed), or up to the end when `stop` is empty. */
  function until(stop: string, isRaw = false): string {
    let text = ""
    while (at < word.length) {
      const character = word.charAt(at++)
      if (character === stop) return text
      if (character === "'") text += single()
      else if (character === '"') text += double()
      else if (character === "$") text += dollar()
      else if (character === escapeCharacter) text += (isRaw ? escapeCharacter : "") + word.charAt(at++)
      else text += character
    }
    if (stop !== "") throw new WordProblem(`missing ${stop} in "${word}"`)
    return text
  }

  function single(): string {
    const end = word.indexOf("'", at)
    if (end < 0) throw new WordProblem(`unclosed single quote in ${word}`)
    const text = word.slice(at, end)
    at = end + 1
    return text
  }

  function double(): string {
    let text = ""
    while (at < word.length) {
      const character = word.charAt(at++)
      if (character === '"') return text
      if (character === "$") text += dollar()
      else if (character === escapeCharacter && ['"', "$", escapeCharacter].includes(word.charAt(at)))
        text += word.charAt(at++)
      else text += character
    }
    throw new WordProblem(`unclosed double quote in ${word}`)
  }

  function dollar(): string {
    if (word.charAt(at) === "{") {
      at++
      return braced()
    }
    const name = readName()
    return name === "" ? "$" : (variables.get(name) ?? "")
  }

  function braced(): string {
    const name = readName()
    if (name === "") throw new WordProblem(`bad substitution in "${word}"`)
    const value = variables.get(name)
    let operator = word.charAt(at++)
    if (operator === "}") return value ?? ""
    if (operator === ":") operator += word.charAt(at++)
    const isSet = value !== undefined && !(operator.startsWith(":") && value === "")
    if (operator === "/") return replace(value ?? "")
    if (operator === "#" || operator === "%") return trimPattern(value ?? "", until("}", true), operator)
    const alternative = until("}")
    if (operator === "-" || operator === ":-") return isSet ? value : alternative
    if (operator === "+" || operator === ":+") return isSet ? alternative : ""
    if (operator === "?" || operator === ":?") {
      if (isSet) return value
      throw new WordProblem(`${name}: ${alternative === "" ? "is not allowed to be unset" : alternative}`)
    }
    throw new WordProblem(`unsupported modifier (${operator}) in "${word}"`)
  }

  function replace(value: string): string {
    const isAll = word.charAt(at) === "/"
    if (isAll) at++
    const pattern = until("/", true)
    return replacePattern(value, pattern, until("}"), isAll)
  }

  function readName(): string {
    const match = /^(?:[A-Za-z_][A-Za-z0-9_]*|[0-9@*#])/.exec(word.slice(at))
    const name = match?.[0] ?? ""
    at += name.length
    return name
  }

  return { until }
}
