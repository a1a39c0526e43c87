import { isPrintable } from "../format/quote.ts"
import { bytesOf } from "../values/go-text.ts"

const htmlEscapes: Record<string, string> = {
  "\0": "\ufffd",
  '"': "&#34;",
  "'": "&#39;",
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
}
const jsEscapes: Record<string, string> = {
  "\\": "\\\\",
  "'": "\\'",
  '"': '\\"',
  "<": "\\u003C",
  ">": "\\u003E",
  "&": "\\u0026",
  "=": "\\u003D",
}

/** text/template's HTMLEscapeString. */
export function escapeHtml(text: string): string {
  return text.replace(/[\0"'&<>]/g, (character) => htmlEscapes[character] ?? character)
}

/** text/template's JSEscapeString. */
export function escapeJs(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are among those escaped.
  return text.replace(/[\\'"<>&=\x00-\x1f]|[^\x00-\x7f]/gu, (character) => {
    const known = jsEscapes[character]
    if (known !== undefined) return known
    const hex = (character.codePointAt(0) ?? 0).toString(16).toUpperCase()
    return character < "\x80" || !isPrintable(character) ? `\\u${hex.padStart(4, "0")}` : character
  })
}

/** net/url's QueryEscape: a blank is `+`. */
export function escapeQuery(text: string): string {
  let escaped = ""
  for (const byte of bytesOf(text)) {
    const character = String.fromCharCode(byte)
    if (/[A-Za-z0-9\-_.~]/.test(character)) escaped += character
    else escaped += byte === 0x20 ? "+" : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`
  }
  return escaped
}
