/** Puts a prefix before every line of a stream, so that several can share one log. A line without an end waits for it. */
export function prefixLines(prefix: string, write: (text: string) => void) {
  const decoder = new TextDecoder()
  let rest = ""
  return {
    write(chunk: Buffer): void {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n")
      rest = lines.pop() ?? ""
      if (rest.length > 65_536) {
        lines.push(rest)
        rest = ""
      }
      if (lines.length > 0) write(lines.map((line) => `${prefix}${line}\n`).join(""))
    },
    end(): void {
      if (rest !== "") write(`${prefix}${rest}\n`)
      rest = ""
    },
  }
}
