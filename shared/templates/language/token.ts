const keywords = [
  "block",
  "break",
  "continue",
  "define",
  "else",
  "end",
  "if",
  "range",
  "nil",
  "template",
  "with",
] as const
export type Keyword = (typeof keywords)[number]

export type TokenType =
  | Keyword
  | "error"
  | "bool"
  | "character"
  | "characterConstant"
  | "assign"
  | "declare"
  | "dot"
  | "eof"
  | "field"
  | "identifier"
  | "leftDelimiter"
  | "leftParenthesis"
  | "number"
  | "pipe"
  | "rawString"
  | "rightDelimiter"
  | "rightParenthesis"
  | "space"
  | "string"
  | "text"
  | "variable"

/** `start` is in UTF-16 units of the source. The text of an error is its message. */
export type Token = { type: TokenType; start: number; text: string }

/** The keyword that a word is, if it is one. */
export function keywordOf(word: string): Keyword | undefined {
  return keywords.find((keyword) => keyword === word)
}

/** A token in a message, as Go writes it. */
export function describeToken({ type, text }: Token): string {
  if (type === "eof") return "EOF"
  if (type === "error") return text
  if (type === "dot" || keywordOf(type) !== undefined) return `<${text}>`
  const characters = [...text]
  return characters.length > 10 ? `${JSON.stringify(characters.slice(0, 10).join(""))}...` : JSON.stringify(text)
}
