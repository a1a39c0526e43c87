/**
 * Splits the rest of an instruction at white space, quotes and escapes kept as written: BuildKit's `parseWords`. Inside
 * single quotes nothing escapes.
 */
export function splitWords(text: string, escapeCharacter: string): string[] {
  const words: string[] = []
  let word = ""
  let quote = ""
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at)
    if (quote === "" && /\s/.test(character)) {
      if (word !== "") words.push(word)
      word = ""
      continue
    }
    word += character
    if (character === escapeCharacter && quote !== "'" && at + 1 < text.length) word += text.charAt(++at)
    else if (quote === "" && (character === "'" || character === '"')) quote = character
    else if (character === quote) quote = ""
  }
  if (word !== "") words.push(word)
  return words
}
