import { rightDelimiterAt } from "./right-delimiter.ts"
import { keywordOf, type Token, type TokenType } from "./token.ts"

const patterns = {
  space: /[ \t\r\n]+/y,
  word: /[_\p{L}\p{Nd}]+/uy,
  string: /"(?:[^"\\\n]|\\[^\n])*"/uy,
  rawString: /`[^`]*`/y,
  characterConstant: /'(?:[^'\\\n]|\\[^\n])*'/uy,
  number:
    /[+-]?(?:0[xX][0-9a-fA-F_]*\.?[0-9a-fA-F_]*(?:[pP][+-]?[0-9_]*)?|0[oO][0-7_]*\.?[0-7_]*|0[bB][01_]*\.?[01_]*|[0-9_]*\.?[0-9_]*(?:[eE][+-]?[0-9_]*)?)i?/y,
}
const single: Record<string, TokenType> = {
  "=": "assign",
  "|": "pipe",
  "(": "leftParenthesis",
  ")": "rightParenthesis",
}

/** Adds the tokens of one action, up to and with `}}`. Gives where the text goes on; `undefined` after an error token. */
export function lexAction(source: string, start: number, tokens: Token[]): number | undefined {
  let at = start
  let depth = 0
  const add = (type: TokenType, text: string) => {
    tokens.push({ type, start: at, text })
    at += text.length
  }
  const fail = (text: string) => {
    tokens.push({ type: "error", start: at, text })
    return undefined
  }
  const match = (pattern: RegExp, from = at) => {
    pattern.lastIndex = from
    return pattern.exec(source)?.[0]
  }
  for (;;) {
    const after = rightDelimiterAt(source, at)
    if (after !== undefined) {
      if (depth > 0) return fail("unclosed left paren")
      tokens.push({ type: "rightDelimiter", start: at, text: "}}" })
      return after
    }
    if (at >= source.length) return fail("unclosed action")
    const character = String.fromCodePoint(source.codePointAt(at) ?? 0)
    const space = match(patterns.space)
    if (space !== undefined) {
      // The last blank may belong to a trim marker.
      const isMarker = space.length > 1 && rightDelimiterAt(source, at + space.length - 1) !== undefined
      add("space", isMarker ? space.slice(0, -1) : space)
    } else if (character === ":") {
      if (source.charAt(at + 1) !== "=") return fail("expected :=")
      add("declare", ":=")
    } else if (character === '"' || character === "`" || character === "'") {
      const type = character === '"' ? "string" : character === "`" ? "rawString" : "characterConstant"
      const text = match(patterns[type])
      const name = { string: "quoted string", rawString: "raw quoted string", characterConstant: "character constant" }[
        type
      ]
      if (text === undefined) return fail(`unterminated ${name}`)
      add(type, text)
    } else if (character === "$" || (character === "." && !/[0-9]/.test(source.charAt(at + 1)))) {
      const name = match(patterns.word, at + 1) ?? ""
      if (!isTerminator(source, at + 1 + name.length)) return fail(badCharacter(source, at + 1 + name.length))
      add(character === "$" ? "variable" : name === "" ? "dot" : "field", `${character}${name}`)
    } else if (/[+\-.0-9]/.test(character)) {
      const number = match(patterns.number) ?? ""
      const next = source.slice(at + number.length, at + number.length + 2)
      if (number === "" || /^[_\p{L}\p{Nd}+-]/u.test(next))
        return fail(`bad number syntax: "${number}${[...next][0] ?? ""}"`)
      add("number", number)
    } else if (/[_\p{L}\p{Nd}]/u.test(character)) {
      const word = match(patterns.word) ?? character
      if (!isTerminator(source, at + word.length)) return fail(badCharacter(source, at + word.length))
      add(keywordOf(word) ?? (word === "true" || word === "false" ? "bool" : "identifier"), word)
    } else if (character in single) {
      if (character === "(") depth++
      if (character === ")" && --depth < 0) return fail("unexpected right paren")
      add(single[character] ?? "character", character)
    } else if (/[!-~]/.test(character)) add("character", character)
    else return fail(`unrecognized character in action: ${nameOf(character)}`)
  }
}

function isTerminator(source: string, at: number): boolean {
  const character = source.charAt(at)
  return character === "" || " \t\r\n.,|:)(".includes(character) || source.startsWith("}}", at)
}

function badCharacter(source: string, at: number): string {
  return `bad character ${nameOf(String.fromCodePoint(source.codePointAt(at) ?? 0))}`
}

function nameOf(character: string): string {
  const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")
  return /\p{C}/u.test(character) ? `U+${code}` : `U+${code} '${character}'`
}
