import { lexAction } from "./lex-action.ts"
import { rightDelimiterAt, spaces } from "./right-delimiter.ts"
import type { Token } from "./token.ts"

/**
 * Splits a template into tokens (text/template/parse, lex.go): text, and what stands between `{{` and `}}`. Trim markers are
 * applied, comments are gone. The last token is `eof` or the first `error`.
 */
export function lexTemplate(source: string): Token[] {
  const tokens: Token[] = []
  let at = 0
  for (;;) {
    const open = source.indexOf("{{", at)
    const end = open < 0 ? source.length : open
    const trims = open >= 0 && hasLeftMarker(source, open + 2)
    const text = trims ? trimRight(source.slice(at, end)) : source.slice(at, end)
    if (text !== "") tokens.push({ type: "text", start: at, text })
    if (open < 0) break

    const afterMarker = open + 2 + (trims ? 2 : 0)
    if (source.startsWith("/*", afterMarker)) {
      const close = source.indexOf("*/", afterMarker + 2)
      if (close < 0) return [...tokens, { type: "error", start: open, text: "unclosed comment" }]
      const after = rightDelimiterAt(source, close + 2)
      if (after === undefined)
        return [...tokens, { type: "error", start: open, text: "comment ends before closing delimiter" }]
      at = after
      continue
    }
    tokens.push({ type: "leftDelimiter", start: open, text: "{{" })
    const end2 = lexAction(source, afterMarker, tokens)
    if (end2 === undefined) return tokens
    at = end2
  }
  tokens.push({ type: "eof", start: source.length, text: "" })
  return tokens
}

function hasLeftMarker(source: string, at: number): boolean {
  return source.charAt(at) === "-" && at + 1 < source.length && spaces.includes(source.charAt(at + 1))
}

function trimRight(text: string): string {
  let end = text.length
  while (end > 0 && spaces.includes(text.charAt(end - 1))) end--
  return text.slice(0, end)
}
