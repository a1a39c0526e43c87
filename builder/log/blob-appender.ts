import { type BackOff, backOffMs, pause } from "../retry.ts"
import type { AppendBlock, AppendResult } from "./append-block.ts"

export type BlobAppenderOptions = BackOff & {
  /** A store that refuses (404 while it restarts, for example) is asked again for this long. */
  refusedMs: number
  /** Told once per block that the store does not take. */
  onTrouble: (why: string) => void
}

const LINES_MAY_BE_MISSING = Buffer.from("The log store lost its place in this log: lines may be missing here.\r\n")

/**
 * Appends blocks one after the other, each exactly once, through any number of failed or doubtful calls.
 *
 * Why this holds: only one block is ever under way, its bytes never change, and each call is conditional on the length that the blob
 * has without it. A repeat of a call that did land gets 412, and so does a call that arrives late. An add-only SAS cannot ask for the
 * length, so a 412 is read by what came before: after a doubtful call it means "landed"; without one, that the blob is not as long
 * as we knew (another writer, or a store that lost its last writes in a crash). Then a short note is appended without a condition,
 * whose answer tells the position; it is the one thing here that may appear twice.
 */
export function createBlobAppender(append: AppendBlock, options: BlobAppenderOptions) {
  let position: number | undefined = 0
  let note = Buffer.from("\r\n")

  async function locate(signal: AbortSignal): Promise<AppendResult> {
    const result = await append(note, undefined, signal)
    if (result.kind === "appended") position = result.position + note.length
    return result
  }

  /** False when the store refuses for good. Rejects only with the signal's reason. */
  async function appendOnce(block: Buffer, signal: AbortSignal): Promise<boolean> {
    let isInDoubt = false
    let refusedSince: number | undefined
    for (let attempt = 1; ; attempt += 1) {
      signal.throwIfAborted()
      const isLost = position === undefined
      const result = isLost ? await locate(signal) : await append(block, position, signal)
      if (isLost && result.kind === "appended") continue

      if (result.kind === "appended" || (result.kind === "misplaced" && isInDoubt)) {
        position = (position ?? 0) + block.length
        note = LINES_MAY_BE_MISSING
        return true
      }
      if (result.kind === "misplaced") {
        position = undefined
        continue
      }
      if (result.kind === "inDoubt" && !isLost) isInDoubt = true
      refusedSince = result.kind === "refused" ? (refusedSince ?? performance.now()) : undefined
      const isOver = refusedSince !== undefined && performance.now() - refusedSince >= options.refusedMs
      if (attempt === 1 || isOver) options.onTrouble(result.why)
      if (isOver) return false
      await pause(backOffMs(attempt, options), signal)
    }
  }

  return { appendOnce }
}
