/**
 * Gives every line its CRLF: the Azure CLI shows nothing beyond the last one (az-cli 8.3). `\n`, `\r\n` and a lone `\r` all end a line,
 * so that each state of a progress bar becomes a line; the empty ones in between are dropped, real empty lines stay. What is not
 * well-formed Unicode is replaced, ANSI colours pass.
 */
export function createLineEnder(emit: (text: string) => void) {
  return {
    line(text: string): void {
      const parts = text.includes("\n") || text.includes("\r") ? text.split(/\r?\n/).flatMap(statesOf) : [text]
      emit(`${parts.join("\r\n").toWellFormed()}\r\n`)
    },
  }
}

function statesOf(line: string): string[] {
  if (!line.includes("\r")) return [line]
  return line.split("\r").filter((state) => state !== "")
}
