import type { Masker } from "../../shared/secrets/mask.ts"
import type { BackOff } from "../retry.ts"
import { type AppendBlock, createAppendBlock } from "./append-block.ts"
import { createBlobAppender } from "./blob-appender.ts"
import { createLogBuffer } from "./log-buffer.ts"
import { withLineEnds } from "./with-line-ends.ts"

export type RunLogOptions = {
  /** Add-only SAS URL of the append blob. */
  url: string
  maxBytes: number
  /** For lines of our own. */
  masker: Masker
  /** For what the engine prints, where more is masked than in our own lines. */
  engineMasker?: Masker
  /** Makes one for each stream that prints beside others, in which these are hidden too. */
  openMasker?: (hidden?: readonly string[]) => Masker
  /** Tells the operator, not the user, that the log store makes trouble. */
  onTrouble: (why: string) => void
  /** A batch starts this long after the one before: {@link fastAppends} times, then more slowly (a blob takes 50,000 blocks). */
  batchMs?: number
  slowBatchMs?: number
  fastAppends?: number
  /** Unwritten text above which lines are dropped, with a line that says so. */
  bufferBytes?: number
  backOff?: BackOff
  refusedMs?: number
  append?: AppendBlock
  now?: () => Date
}

/** One program's output beside that of others: its lines stay whole, and what is masked in it does not depend on theirs. */
export type LogStream = {
  /** A line as it is, see {@link RunLog}. */
  print(line: string, isPiece?: boolean): void
  close(): void
}

/** Text for the user, masked as it is written. Writing never waits and never throws. */
export type RunLog = {
  /** `stream` is for logs that keep the two apart; the run's does not. `hidden`: what this stream does not show besides secrets. */
  open(stream?: "stdout" | "stderr", hidden?: readonly string[]): LogStream
  /** A line of our own, with the time in front as `acb` has it (task-file 9). */
  say(line: string): void
  /**
   * A line of the engine or of a step, as it is. May hold further line ends; a `\r` within it ends a line too. `isPiece`: the line
   * goes on with the next call.
   */
  print(line: string, isPiece?: boolean): void
  /**
   * Writes the last line, if there is one; it finds room even when the log is full. Waits until everything has reached the store. False
   * when it had not after `withinMs`, or when the store refuses for good.
   */
  close(lastLine: string | undefined, withinMs: number): Promise<boolean>
}

/** Lines that come so soon after a first one share its block: a run that is over by then needs a single one. */
const GATHER_MS = 40
/** Bytes kept back for the line that says the log is full and for the last line. */
const RESERVED_BYTES = 2048

/** The run log (contracts, "Builders"): lines, masked, with CRLF, in batches to the append blob. */
export function createRunLog(options: RunLogOptions): RunLog {
  const { masker, engineMasker = masker } = options
  const appender = createBlobAppender(options.append ?? createAppendBlock(options.url), {
    ...(options.backOff ?? { firstDelayMs: 100, maxDelayMs: 2000 }),
    refusedMs: options.refusedMs ?? 60_000,
    onTrouble: options.onTrouble,
  })
  const now = options.now ?? (() => new Date())
  const buffer = createLogBuffer({
    maxBytes: options.maxBytes,
    reservedBytes: Math.min(RESERVED_BYTES, Math.floor(options.maxBytes / 2)),
    maxWaitingBytes: options.bufferBytes ?? 32 * 1024 * 1024,
  })
  const stopper = new AbortController()
  let appends = 0
  let lastStartedAt = Number.NEGATIVE_INFINITY
  let timer: NodeJS.Timeout | undefined
  let isClosing = false
  let isRefused = false
  let isLineOpen = false
  let working: Promise<void> | undefined

  function put(shown: string): void {
    if (shown !== "" && !isRefused) buffer.add(shown)
    schedule()
  }

  function say(line: string): void {
    if (isLineOpen) print("")
    put(masker.mask(withLineEnds(`${formatLogTime(now())} ${line}`, false)))
  }

  // Masked as a stream: the pieces of one line are put together again.
  function print(line: string, isPiece = false): void {
    isLineOpen = isPiece
    put(engineMasker.write(withLineEnds(line, isPiece)))
  }

  function open(_stream?: "stdout" | "stderr", hidden?: readonly string[]): LogStream {
    const streamMasker = options.openMasker?.(hidden) ?? engineMasker
    let isOpen = false
    const write = (line: string, isPiece: boolean) => {
      isOpen = isPiece
      put(streamMasker.write(withLineEnds(line, isPiece)))
    }
    return {
      print: (line, isPiece = false) => write(line, isPiece),
      // What is still held back is the end of a line that came in pieces.
      close: () => isOpen && write("", false),
    }
  }

  function schedule(): void {
    if (working !== undefined || timer !== undefined || buffer.isEmpty() || isRefused) return
    const pauseMs = appends < (options.fastAppends ?? 10_000) ? (options.batchMs ?? 200) : (options.slowBatchMs ?? 900)
    const isDue = isClosing || buffer.hasFullBlock()
    timer = setTimeout(work, isDue ? 0 : Math.max(GATHER_MS, lastStartedAt + pauseMs - performance.now()))
  }

  function work(): void {
    timer = undefined
    lastStartedAt = performance.now()
    appends += 1
    working = appendNext().finally(() => {
      working = undefined
      schedule()
    })
  }

  async function appendNext(): Promise<void> {
    try {
      const block = buffer.take()
      if (!(await appender.appendOnce(block, stopper.signal))) isRefused = true
    } catch {
      isRefused = true
    }
  }

  async function drained(): Promise<void> {
    while (!isRefused && (working !== undefined || !buffer.isEmpty())) {
      if (timer !== undefined) {
        clearTimeout(timer)
        work()
      }
      await working
    }
  }

  return {
    say,
    print,
    open,
    async close(lastLine, withinMs) {
      isClosing = true
      const rest = engineMasker.flush()
      if (rest !== "") buffer.add(rest)
      if (lastLine !== undefined) buffer.addLast(`${masker.mask(lastLine.replace(/[\r\n]+/g, " "))}\r\n`)
      schedule()
      const deadline = setTimeout(() => stopper.abort(), withinMs)
      await drained()
      clearTimeout(deadline)
      return !isRefused
    },
  }
}

/** `2026/11/20 13:14:22`, UTC. */
export function formatLogTime(at: Date): string {
  return at.toISOString().slice(0, 19).replaceAll("-", "/").replace("T", " ")
}
