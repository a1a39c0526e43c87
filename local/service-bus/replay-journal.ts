import { existsSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs"
import { decodeRecord, type JournalRecord } from "./journal-record.ts"
import type { Log } from "./log.ts"

/**
 * Applies every intact record of the journal. A torn end, left by a crash in the middle of a write, is cut off, kept
 * beside the journal as `<file>.torn` and logged: its messages were never acknowledged to their senders.
 *
 * @returns the length of the intact part, in bytes
 */
export function replayJournal(file: string, apply: (record: JournalRecord, bytes: Buffer) => void, log: Log): number {
  // Left over from a compaction that did not finish; the journal itself is still whole.
  rmSync(`${file}.new`, { force: true })
  if (!existsSync(file)) return 0
  const journal = readFileSync(file)
  let length = 0
  for (let next = decodeRecord(journal, 0); next !== undefined; next = decodeRecord(journal, length)) {
    apply(next.record, next.bytes)
    length = next.end
  }
  if (length < journal.length) {
    writeFileSync(`${file}.torn`, journal.subarray(length), { mode: 0o600 })
    truncateSync(file, length)
    log("journalTorn", { file, keptBytes: length, droppedBytes: journal.length - length, keptIn: `${file}.torn` })
  }
  return length
}
