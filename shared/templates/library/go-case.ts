/** A class of Go's `unicode.IsSpace`; JavaScript's `\s` has one more and lacks one. */
const space = "\\t\\n\\v\\f\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000"
const isSpacePattern = new RegExp(`^[${space}]$`, "u")

export function isSpace(character: string): boolean {
  return isSpacePattern.test(character)
}

/** Go's `strings.TrimSpace`. */
export function trimSpace(text: string): string {
  let start = 0
  let end = text.length
  // A pattern that ends with `$` would be tried at every blank.
  while (start < end && isSpace(text.charAt(start))) start++
  while (end > start && isSpace(text.charAt(end - 1))) end--
  return text.slice(start, end)
}

/** Go's `strings.ToUpper`: character by character, so `ß` stays. */
export function upperCase(text: string): string {
  return mapCharacters(text, (character) => character.toUpperCase())
}

/** Go's `strings.ToLower`. */
export function lowerCase(text: string): string {
  return mapCharacters(text, (character) => (character === "İ" ? "i" : character.toLowerCase()))
}

/** Go's `unicode.ToTitle`: capitals but for the four digraphs that have a form of their own. */
export function titleCase(character: string): string {
  const digraph = { Ǆ: "ǅ", ǆ: "ǅ", Ǉ: "ǈ", ǉ: "ǈ", Ǌ: "ǋ", ǌ: "ǋ", Ǳ: "ǲ", ǳ: "ǲ" }[character]
  return digraph ?? upperCase(character)
}

export function isUpper(character: string): boolean {
  return /^\p{Lu}$/u.test(character)
}

export function isLower(character: string): boolean {
  return /^\p{Ll}$/u.test(character)
}

function mapCharacters(text: string, change: (character: string) => string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII is meant.
  if (/^[\x00-\x7f]*$/.test(text)) return change(text)
  let changed = ""
  for (const character of text) {
    const other = change(character)
    changed += [...other].length === 1 ? other : character
  }
  return changed
}
