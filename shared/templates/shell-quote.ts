/** A text as one shell word: as it is when nothing in it means something to a shell, else in single quotes. */
export function shellQuote(text: string): string {
  if (text === "") return "''"
  return /^[\w^@=+%,:./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'"'"'`)}'`
}
