/** `reason` says what a shell would have to do, for people. */
export type SplitText = { kind: "words"; words: string[] } | { kind: "shell"; reason: string }

const OPERATORS = "|&;<>()"
const GLOBS = "*?["
/** In POSIX sh special as the first word of a command only. */
const FIRST_WORDS = new Set("! { } case do done elif else esac fi for if in then until while".split(" "))
const ASSIGNMENT = /^[A-Za-z_][A-Za-z0-9_]*=/

/**
 * Splits a text into words as `/bin/sh` does, if it is only words: blanks, quotes, backslashes and continued lines (POSIX shell 2.2,
 * 2.3). Whatever a shell would have to evaluate, or might read otherwise, makes it a text for a shell: `$` and backquotes outside
 * of single quotes, operators, globs, a leading `~`, comments, further lines, assignments in front, open quotes.
 */
export function splitWords(text: string): SplitText {
  const words: string[] = []
  let word = ""
  let isInWord = false
  let isPlainFirst = true
  let isLineEnded = false
  const shell = (reason: string): SplitText => ({ kind: "shell", reason })
  const end = () => {
    if (isInWord) words.push(word)
    word = ""
    isInWord = false
  }

  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at)
    if (text.startsWith("\\\n", at)) {
      at++
      continue
    }
    if (character === " " || character === "\t") {
      end()
      continue
    }
    if (character === "\n") {
      end()
      isLineEnded = words.length > 0
      continue
    }
    if (isLineEnded) return shell("it has several lines")
    if (words.length === 0 && (character === "'" || character === '"' || character === "\\")) isPlainFirst = false

    if (character === "'") {
      const close = text.indexOf("'", at + 1)
      if (close < 0) return shell("a quote is not closed")
      word += text.slice(at + 1, close)
      at = close
    } else if (character === '"') {
      const quoted = readDoubleQuotes(text, at + 1)
      if (typeof quoted === "string") return shell(quoted)
      word += quoted.value
      at = quoted.close
    } else if (character === "\\") {
      if (at + 1 === text.length) return shell("it ends with a backslash")
      word += text.charAt(++at)
    } else {
      const reason = reasonFor(character, isInWord)
      if (reason !== undefined) return shell(reason)
      word += character
    }
    isInWord = true
  }
  end()
  const [first = ""] = words
  if (isPlainFirst && FIRST_WORDS.has(first)) return shell(`${first} begins a compound command`)
  if (ASSIGNMENT.test(first)) return shell("it begins with an assignment")
  return { kind: "words", words }
}

/** Why an unquoted character needs a shell. */
function reasonFor(character: string, isInWord: boolean): string | undefined {
  if (character === "$" || character === "`") return `${character} is replaced by a shell`
  if (OPERATORS.includes(character)) return `${character} is an operator`
  if (GLOBS.includes(character)) return `${character} matches names of files`
  if (character === "~" && !isInWord) return "~ is the home directory"
  if (character === "#" && !isInWord) return "# begins a comment"
  return undefined
}

/** From behind the opening quote. A text is why a shell is needed. */
function readDoubleQuotes(text: string, start: number): { value: string; close: number } | string {
  let value = ""
  for (let at = start; at < text.length; at++) {
    const character = text.charAt(at)
    if (character === '"') return { value, close: at }
    if (character === "$" || character === "`") return `${character} is replaced by a shell`
    if (character !== "\\") value += character
    else {
      const next = text.charAt(++at)
      if (next !== "\n") value += '$`"\\'.includes(next) && next !== "" ? next : `\\${next}`
    }
  }
  return "a quote is not closed"
}
