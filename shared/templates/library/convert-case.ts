import { isSpace, isUpper, lowerCase, upperCase } from "./go-case.ts"

type Kind = "none" | "number" | "upper" | "alphabet" | "connector" | "punctuation" | "other"
/** `end` is where the next word begins. */
type Word = { kind: Kind; text: string; end: number }

/** `http_server` → `HttpServer` (xstrings 1.3.2, which acb is built with; connectors at the start stay). */
export function camelCase(text: string): string {
  const characters = [...text]
  if (characters.length === 0) return ""
  let result = ""
  let at = 0
  let current = ""
  while (at < characters.length) {
    current = characters[at++] ?? ""
    if (!isConnector(current)) {
      current = upperCase(current)
      break
    }
    result += current
  }
  for (; at < characters.length; at++) {
    const previous = current
    current = characters[at] ?? ""
    if (isConnector(current) && isConnector(previous)) {
      result += previous
      continue
    }
    if (isConnector(previous)) current = upperCase(current)
    else {
      current = lowerCase(current)
      result += previous
    }
  }
  return result + current
}

/** `FirstName` → `first_name`, or with any other connector (xstrings 1.3.2). */
export function connectedCase(text: string, connector: string): string {
  if (text === "") return ""
  let result = ""
  const characters = [...text]
  let word = nextWord(characters, 0)
  const add = (kind: Kind, part: string) => {
    result += lowerWord(kind, part, connector)
  }
  /** Adds letters and digits; what comes then. */
  const addNumbers = (): Kind => {
    while (word.kind === "alphabet" || word.kind === "number") {
      add(word.kind, word.text)
      word = nextWord(characters, word.end)
    }
    return word.kind
  }
  while (word.end < characters.length) {
    const previous = word
    if (previous.kind !== "connector") add(previous.kind, previous.text)
    word = nextWord(characters, previous.end)
    if (previous.kind === "number") {
      if (!["none", "punctuation"].includes(addNumbers())) result += connector
    } else if (previous.kind === "connector") add(previous.kind, previous.text)
    else if (previous.kind !== "punctuation") {
      if (word.kind !== "number") {
        if (word.kind !== "connector" && word.kind !== "punctuation") result += connector
        continue
      }
      if (word.end >= characters.length) continue
      const number = word
      word = nextWord(characters, number.end)
      if (word.kind !== "alphabet") {
        add("number", number.text)
        if (word.kind !== "connector" && word.kind !== "punctuation") result += connector
        continue
      }
      result += connector
      add("number", number.text)
      if (!["none", "punctuation", "connector"].includes(addNumbers())) result += connector
    }
  }
  return result + lowerWord(word.kind, word.text, connector)
}

function lowerWord(kind: Kind, text: string, connector: string): string {
  if (kind !== "upper" && kind !== "connector") return text
  return [...text].map((character) => (isConnector(character) ? connector : lowerCase(character))).join("")
}

function nextWord(characters: readonly string[], start: number): Word {
  const first = characters[start]
  if (first === undefined) return { kind: "none", text: "", end: start }
  const word = (kind: Kind, end: number): Word => ({ kind, text: characters.slice(start, end).join(""), end })
  const endOf = (test: (character: string) => boolean) => {
    let end = start + 1
    while (end < characters.length && test(characters[end] ?? "")) end++
    return end
  }
  const isSmall = (character: string) => isAlphabet(character) && !isUpper(character)
  if (isConnector(first)) return word("connector", endOf(isConnector))
  if (isPunctuation(first)) return word("punctuation", endOf(isPunctuation))
  if (isUpper(first)) {
    const second = characters[start + 1] ?? ""
    if (!isUpper(second)) return word("upper", isAlphabet(second) ? endOf(isSmall) : start + 1)
    const end = endOf(isUpper)
    // The last capital begins the next word when small letters follow.
    return word("upper", isAlphabet(characters[end] ?? "") ? end - 1 : end)
  }
  if (isAlphabet(first)) return word("alphabet", endOf(isSmall))
  if (isNumber(first)) return word("number", endOf(isNumber))
  return word(
    "other",
    endOf(
      (character) =>
        !isConnector(character) && !isAlphabet(character) && !isNumber(character) && !isPunctuation(character),
    ),
  )
}

function isConnector(character: string): boolean {
  return character === "-" || character === "_" || isSpace(character)
}
function isPunctuation(character: string): boolean {
  return /^\p{P}$/u.test(character)
}
function isNumber(character: string): boolean {
  return /^\p{N}$/u.test(character)
}
/** Letters of scripts that write words with several; a Chinese character is a word by itself. */
function isAlphabet(character: string): boolean {
  const code = character.codePointAt(0) ?? 0
  const isHan =
    (code >= 0x4e00 && code <= 0x9fcc) || (code >= 0x3400 && code <= 0x4d85) || (code >= 0x20000 && code <= 0x2b81d)
  return /^\p{L}$/u.test(character) && !isHan
}
