/** Settings that can hold only one line have `\n` in place of line ends. */
export function withLineFeeds(text: string): string {
  const lines = text.includes("\n") ? text : text.replaceAll("\\n", "\n")
  return lines.replace(/\r\n?/g, "\n")
}
