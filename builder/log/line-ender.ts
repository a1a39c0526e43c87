import { MAX_LINE_BYTES } from "../engine/line-splitter.ts"

/**
 * Gives every line its CRLF: the Azure CLI shows nothing beyond the last one (az-cli 8.3). `\n`, `\r\n` and a lone `\r` all end a line,
 * so that each state of a progress bar becomes a line; the empty ones in between are dropped, real empty lines stay. What is not
 * well-formed Unicode is replaced, ANSI colours pass. A piece of a line that was too long to hold is put together with the next
 * piece again: a secret may stand on the border.
 */
export function createLineEnder(emit: (text: string) => void) {
  return {
    line(text: string): void {
      const parts = text.includes("\n") || text.includes("\r") ? text.split(/\r?\n/).flatMap(statesOf) : [text]
      emit(`${parts.join("\r\n").toWellFormed()}${isPiece(text) ? "" : "\r\n"}`)
    },
  }
}

function statesOf(line: string): string[] {
  if (!line.includes("\r")) return [line]
  return line.split("\r").filter((state) => state !== "")
}

/** The splitter cuts at this length, or up to three bytes earlier where a character begins. */
function isPiece(text: string): boolean {
  if (text.length * 3 < MAX_LINE_BYTES - 3) return false
  const bytes = Buffer.byteLength(text, "utf8")
  return bytes >= MAX_LINE_BYTES - 3 && bytes <= MAX_LINE_BYTES
}
