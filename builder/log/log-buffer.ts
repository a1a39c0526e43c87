/** Azure takes 4 MiB in one append with this version of the protocol. */
const MAX_BLOCK_BYTES = 4 * 1024 * 1024

export type LogBufferOptions = {
  /** Size of the whole log. */
  maxBytes: number
  /** Part of it that only {@link createLogBuffer.addLast} and the line about the full log may use. */
  reservedBytes: number
  /** Memory: what waits for the store. */
  maxWaitingBytes: number
}

/** Text on its way to the store: in order, cut into blocks, within its limits. */
export function createLogBuffer({ maxBytes, reservedBytes, maxWaitingBytes }: LogBufferOptions) {
  const waiting: Buffer[] = []
  let waitingBytes = 0
  let takenBytes = 0
  let isFull = false
  let droppedLines = 0
  let isLineOpen = false

  function push(text: string): void {
    isLineOpen = !text.endsWith("\r\n")
    const bytes = Buffer.from(text, "utf8")
    waiting.push(bytes)
    waitingBytes += bytes.length
  }

  function add(text: string): void {
    if (isFull) return
    const bytes = Buffer.byteLength(text, "utf8")
    if (waitingBytes + bytes > maxWaitingBytes) {
      droppedLines += Math.max(1, text.split("\r\n").length - 1)
      return
    }
    noteDropped()
    const room = maxBytes - reservedBytes - takenBytes - waitingBytes
    if (bytes <= room) {
      push(text)
      return
    }
    isFull = true
    const fitting = wholeLines(text, room)
    if (fitting !== "") push(fitting)
    pushLine(`The log has reached its limit of ${maxBytes} bytes. What follows is not kept.\r\n`)
  }

  /** Adds a line for which room is kept; cut when it is longer than that room. */
  function addLast(line: string): void {
    noteDropped()
    const room = maxBytes - takenBytes - waitingBytes
    pushLine(Buffer.byteLength(line, "utf8") + 2 <= room ? line : `${cutText(line, room - 7)}…\r\n`)
  }

  function noteDropped(): void {
    if (droppedLines === 0) return
    const text = `${droppedLines} lines are missing here: the log store did not answer for too long.\r\n`
    droppedLines = 0
    pushLine(text)
  }

  /** A line of our own never continues somebody else's. */
  function pushLine(line: string): void {
    push(isLineOpen ? `\r\n${line}` : line)
  }

  /** The next block: all that waits, or as much as one append takes. */
  function take(): Buffer {
    const all = Buffer.concat(waiting)
    const block = all.subarray(0, MAX_BLOCK_BYTES)
    waiting.length = 0
    if (block.length < all.length) waiting.push(all.subarray(block.length))
    waitingBytes -= block.length
    takenBytes += block.length
    return block
  }

  return {
    add,
    addLast,
    take,
    isEmpty: () => waitingBytes === 0,
    hasFullBlock: () => waitingBytes >= MAX_BLOCK_BYTES,
  }
}

function wholeLines(text: string, room: number): string {
  const fitting = cutText(text, room)
  const end = fitting.lastIndexOf("\r\n")
  return end < 0 ? "" : fitting.slice(0, end + 2)
}

/** As much of a text as fits into so many bytes of UTF-8, never half a character. */
function cutText(text: string, bytes: number): string {
  if (bytes <= 0) return ""
  const cut = Buffer.from(text, "utf8").subarray(0, bytes).toString("utf8")
  return cut.replace(/\ufffd+$/, "")
}
