import { isEscapedByte } from "../values/go-text.ts"

const escapes: Record<string, string> = {
  "\x07": "\\a",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
  "\\": "\\\\",
}

/** Go's `strconv.Quote`; with `isAscii`, `QuoteToASCII`. */
export function quoteText(text: string, isAscii = false): string {
  let quoted = '"'
  for (const character of text) quoted += escapeCharacter(character, '"', isAscii)
  return `${quoted}"`
}

/** Go's `strconv.QuoteRune`. */
export function quoteCharacter(character: string, isAscii = false): string {
  return `'${escapeCharacter(character, "'", isAscii)}'`
}

/** Go's `unicode.IsPrint`. */
export function isPrintable(character: string): boolean {
  return /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u.test(character)
}

/** Whether a text can stand between back quotes as it is. */
export function canBackquote(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be there.
  return !/[\x00-\x08\x0a-\x1f\x7f`\ufeff]/.test(text) && text.isWellFormed()
}

function escapeCharacter(character: string, quote: string, isAscii: boolean): string {
  const code = character.codePointAt(0) ?? 0
  if (character === quote) return `\\${quote}`
  if (isEscapedByte(character)) return `\\x${hex(code - 0xdc00, 2)}`
  if (character in escapes) return escapes[character] ?? ""
  if (isPrintable(character) && (!isAscii || code < 0x80)) return character
  if (code < 0x20 || code === 0x7f) return `\\x${hex(code, 2)}`
  return code < 0x10000 ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`
}

function hex(code: number, length: number): string {
  return code.toString(16).padStart(length, "0")
}
