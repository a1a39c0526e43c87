/**
 * Replaces the first word of a `cmd` when it is the name of an alias, so that `bash echo` runs an image (task-file 1, step 8): once,
 * and words are what single spaces separate. Only a text that was replaced is trimmed.
 */
export function expandFirstWord(cmd: string, aliases: ReadonlyMap<string, string>): string {
  const trimmed = cmd.trim()
  const space = trimmed.indexOf(" ")
  const word = space < 0 ? trimmed : trimmed.slice(0, space)
  const value = aliases.get(word)
  return value === undefined ? cmd : `${value}${trimmed.slice(word.length)}`
}
