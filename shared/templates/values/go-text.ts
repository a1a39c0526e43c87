import { isUtf8 } from "node:buffer"

// Go's texts are bytes and may be cut anywhere. A JavaScript string holds them when every byte that is no UTF-8 becomes a lone
// surrogate, which valid UTF-8 never gives (Python calls it "surrogateescape").
const escaped = 0xdc00

/** The UTF-8 of a text, with escaped bytes as they were. */
export function bytesOf(text: string): Uint8Array {
  if (text.isWellFormed()) return Buffer.from(text, "utf8")
  const bytes: number[] = []
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0
    if (code >= escaped + 0x80 && code <= escaped + 0xff) bytes.push(code - escaped)
    else for (const byte of Buffer.from(character, "utf8")) bytes.push(byte)
  }
  return Uint8Array.from(bytes)
}

/** The text of bytes; what is no UTF-8 is escaped, so that `bytesOf` gives it back. */
export function textOf(bytes: Uint8Array): string {
  if (isUtf8(bytes)) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8")
  let text = ""
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceAt(bytes, at)
    if (length === 0) text += String.fromCharCode(escaped + (bytes[at] ?? 0))
    else text += Buffer.from(bytes.subarray(at, at + length)).toString("utf8")
    at += Math.max(length, 1)
  }
  return text
}

/** Go's `len` of a text. */
export function byteLength(text: string): number {
  return text.isWellFormed() ? Buffer.byteLength(text, "utf8") : bytesOf(text).length
}

/** Go's `text[start:end]`. The caller has checked the bounds. */
export function sliceBytes(text: string, start: number, end: number): string {
  return isAscii(text) ? text.slice(start, end) : textOf(bytesOf(text).subarray(start, end))
}

/** One character of a text is one byte of it. */
export function isAscii(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII is meant.
  return /^[\x00-\x7f]*$/.test(text)
}

/** A text without escaped bytes: what leaves the engine. */
export function wellFormed(text: string): string {
  return text.toWellFormed()
}

/** Go compares bytes; the order of UTF-16 units differs above U+FFFF. */
export function compareTexts(left: string, right: string): number {
  if (left === right) return 0
  if (isAscii(left) && isAscii(right)) return left < right ? -1 : 1
  return Buffer.compare(bytesOf(left), bytesOf(right))
}

/** Whether a character stands for a byte that is no UTF-8; Go reads it as U+FFFD. */
export function isEscapedByte(character: string): boolean {
  const code = character.codePointAt(0) ?? 0
  return code >= 0xd800 && code <= 0xdfff
}

function sequenceAt(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0
  const length = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0
  return length > 0 && at + length <= bytes.length && isUtf8(bytes.subarray(at, at + length)) ? length : 0
}
