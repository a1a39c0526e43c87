/**
 * Gives every line its CRLF: the Azure CLI shows nothing beyond the last one (az-cli 8.3). `\n`, `\r\n` and a lone `\r` all end a line,
 * so that each state of a progress bar becomes a line; the empty ones in between are dropped, real empty lines stay. What is not
 * well-formed Unicode is replaced, ANSI colours pass. A piece of a line that was too long to hold gets none, so that it is put
 * together with the next one again: a secret may stand on the border.
 */
export function withLineEnds(text: string, isPiece: boolean): string {
  const parts = text.includes("\n") || text.includes("\r") ? text.split(/\r?\n/).flatMap(statesOf) : [text]
  return `${parts.join("\r\n").toWellFormed()}${isPiece ? "" : "\r\n"}`
}

function statesOf(line: string): string[] {
  if (!line.includes("\r")) return [line]
  return line.split("\r").filter((state) => state !== "")
}
