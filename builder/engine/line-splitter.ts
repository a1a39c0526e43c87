const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d
/** A line longer than this comes in pieces, so that a program without line ends cannot fill the memory. Bytes. */
export const MAX_LINE_BYTES = 64 * 1024

/**
 * Cuts a byte stream into lines. LF, CRLF and a lone CR (progress that redraws itself) end a line; bytes that are no UTF-8
 * become U+FFFD; a character is never cut in two. `isPiece`: the line goes on with the next call.
 */
export function createLineSplitter(onLine: (line: string, isPiece: boolean) => void) {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true })
  let held: Buffer[] = []
  let heldBytes = 0
  let endedWithCarriageReturn = false

  function flush(isPiece: boolean): void {
    const bytes = held.length === 1 && held[0] !== undefined ? held[0] : Buffer.concat(held)
    held = []
    heldBytes = 0
    onLine(decoder.decode(bytes), isPiece)
  }

  function hold(bytes: Buffer): void {
    let rest = bytes
    while (heldBytes + rest.length > MAX_LINE_BYTES) {
      const room = Math.max(characterStart(rest, MAX_LINE_BYTES - heldBytes), heldBytes === 0 ? 1 : 0)
      held.push(rest.subarray(0, room))
      flush(true)
      rest = rest.subarray(room)
    }
    if (rest.length === 0) return
    held.push(rest)
    heldBytes += rest.length
  }

  return {
    write(chunk: Buffer): void {
      let start = 0
      for (let at = 0; at < chunk.length; at++) {
        const byte = chunk[at]
        if (byte !== LINE_FEED && byte !== CARRIAGE_RETURN) {
          endedWithCarriageReturn = false
          continue
        }
        const isSecondHalf = byte === LINE_FEED && endedWithCarriageReturn
        endedWithCarriageReturn = byte === CARRIAGE_RETURN
        if (!isSecondHalf) {
          hold(chunk.subarray(start, at))
          flush(false)
        }
        start = at + 1
      }
      hold(chunk.subarray(start))
    },
    /** Hands out a last line that has no line end. */
    end(): void {
      if (heldBytes > 0) flush(false)
    },
  }
}

/** The last place at or before `at` where a UTF-8 character begins. */
function characterStart(bytes: Buffer, at: number): number {
  let start = at
  while (start > 0 && at - start < 4 && ((bytes[start] ?? 0) & 0xc0) === 0x80) start--
  return start
}
