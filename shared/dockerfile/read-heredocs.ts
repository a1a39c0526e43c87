import { splitWords } from "./split-words.ts"

export type Heredoc = { terminator: string; isTabStripped: boolean }

/**
 * The heredocs that one RUN, COPY or ADD line opens, in order: words like `<<EOF`, `3<<-'EOF'`. `<<<text` and `$((1<<2))`
 * are none (BuildKit's `heredocsFromLine`).
 */
export function readHeredocs(text: string, escapeCharacter: string): Heredoc[] {
  return splitWords(text, escapeCharacter).flatMap((word) => {
    const match = /^\d*<<(-?)([^<]+)$/.exec(word)
    if (match === null) return []
    const terminator = unquoted(match[2] ?? "", escapeCharacter)
    return terminator === "" ? [] : [{ terminator, isTabStripped: match[1] === "-" }]
  })
}

function unquoted(word: string, escapeCharacter: string): string {
  let text = ""
  let quote = ""
  for (let at = 0; at < word.length; at++) {
    const character = word.charAt(at)
    if (character === escapeCharacter && quote !== "'") text += word.charAt(++at)
    else if (quote === "" && (character === "'" || character === '"')) quote = character
    else if (character === quote) quote = ""
    else text += character
  }
  return text
}
