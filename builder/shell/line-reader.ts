const LINE_END = 10

/**
 * Cuts what a stranger writes into lines and keeps no more than `maxBytes` of one that has not ended: a longer one counts as an empty
 * line, whatever its length.
 */
export function createLineReader(maxBytes: number, onLine: (line: string) => void): (chunk: Buffer) => void {
  const kept = Buffer.alloc(maxBytes)
  let length = 0

  function keep(piece: Buffer): void {
    if (length + piece.length <= maxBytes) piece.copy(kept, length)
    // One more than fits, however often more comes.
    length = Math.min(length + piece.length, maxBytes + 1)
  }

  return (chunk) => {
    let start = 0
    for (let end = chunk.indexOf(LINE_END); end !== -1; end = chunk.indexOf(LINE_END, start)) {
      keep(chunk.subarray(start, end))
      const line = length > maxBytes ? "" : kept.toString("latin1", 0, length)
      length = 0
      start = end + 1
      onLine(line)
    }
    keep(chunk.subarray(start))
  }
}
