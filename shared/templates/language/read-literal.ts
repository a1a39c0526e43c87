import { textOf } from "../values/go-text.ts"

const simple: Record<string, string> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
  "'": "'",
  '"': '"',
}

/** Go's `strconv.Unquote` of a token: `"…"` with escapes or a raw string. `undefined`: invalid syntax. */
export function unquote(token: string): string | undefined {
  const quote = token.charAt(0)
  const body = token.slice(1, -1)
  // Go drops carriage returns from raw strings.
  if (quote === "`") return body.replaceAll("\r", "")
  return body.includes("\\") ? unescapeBody(body, quote) : body
}

/** The character in `'x'`, as Go's `UnquoteChar` reads it. `undefined`: not even one; a text: what is more than one. */
export function readCharacter(token: string): bigint | string | undefined {
  const body = token.slice(1, -1)
  const isByte = /^\\(?:x[0-9a-fA-F]{2}|[0-7]{3})$/.test(body)
  if (isByte) return BigInt(Number.parseInt(body.slice(body[1] === "x" ? 2 : 1), body[1] === "x" ? 16 : 8))
  const text = unescapeBody(body, "'")
  if (text === undefined || text === "") return undefined
  if ([...text].length > 1) return text
  return BigInt(text.codePointAt(0) ?? 0)
}

function unescapeBody(body: string, quote: string): string | undefined {
  const parts: string[] = []
  let bytes: number[] = []
  const flush = () => {
    if (bytes.length > 0) parts.push(textOf(Uint8Array.from(bytes)))
    bytes = []
  }
  const pattern =
    /([^\\]+)|\\(?:x([0-9a-fA-F]{2})|([0-7]{3})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([abfnrtv\\'"]))|([\s\S])/gu
  for (const [, plain, hex, octal, unicode, long, letter, wrong] of body.matchAll(pattern)) {
    if (wrong !== undefined || (letter !== undefined && /['"]/.test(letter) && letter !== quote)) return undefined
    const byte =
      hex !== undefined ? Number.parseInt(hex, 16) : octal !== undefined ? Number.parseInt(octal, 8) : undefined
    if (byte !== undefined) {
      if (byte > 0xff) return undefined
      bytes.push(byte)
      continue
    }
    flush()
    const code = Number.parseInt(unicode ?? long ?? "0", 16)
    if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return undefined
    parts.push(plain ?? (letter === undefined ? String.fromCodePoint(code) : (simple[letter] ?? "")))
  }
  flush()
  return parts.join("")
}
