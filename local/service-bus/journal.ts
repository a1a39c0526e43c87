import { closeSync, fdatasync, fstatSync, ftruncateSync, mkdirSync, openSync, write, writeSync } from "node:fs"
import path from "node:path"
import { promisify } from "node:util"
import { encodeRecord, type JournalRecord } from "./journal-record.ts"
import type { Log } from "./log.ts"
import { replaceFile } from "./replace-file.ts"
import { replayJournal } from "./replay-journal.ts"

export type Done = (error?: Error) => void
export type Entry = { record: JournalRecord; bytes?: Buffer }
export type Journal = {
  /** Adds a record. With `done`, the record is on the disk before `done` is called. */
  append(record: JournalRecord, bytes?: Buffer, done?: Done): void
  /** Calls `done` once everything that was appended before is on the disk. */
  barrier(done: Done): void
  /** Writes what is waiting, then closes the file. */
  close(): Promise<void>
}
type JournalDeps = {
  folder: string
  apply(record: JournalRecord, bytes: Buffer): void
  /** A picture of everything that must survive, for a compacted journal. */
  snapshot(): Iterable<Entry>
  log: Log
  compactAboveBytes?: number
}

const writeFile = promisify(write)
const syncFile = promisify(fdatasync)
const COMPACT_ABOVE_BYTES = 1024 * 1024
/** Compacting again pays only once the journal has grown to a multiple of what it was right after the last time. */
const COMPACT_GROWTH = 4

/**
 * The append log. Records that arrive while a write is under way go to the disk together with the next one (group
 * commit), so that many senders share one fdatasync. Replays the journal first: `apply` is called before this returns.
 */
export function openJournal(deps: JournalDeps): Journal {
  const { log, compactAboveBytes = COMPACT_ABOVE_BYTES } = deps
  mkdirSync(deps.folder, { recursive: true, mode: 0o700 })
  const file = path.join(deps.folder, "journal.log")
  let size = replayJournal(file, deps.apply, log)
  let fd = openSync(file, "a", 0o600)
  let compactAt = compactAboveBytes
  let waiting: { frame: Buffer | undefined; done: Done | undefined }[] = []
  let flushing: Promise<void> | undefined

  const enqueue = (frame: Buffer | undefined, done: Done | undefined) => {
    waiting.push({ frame, done })
    // A tick that is asked for before rhea asks for its own: a delivery is written down before it is sent.
    flushing ??= new Promise((resolve, reject) => process.nextTick(() => flush().then(resolve, reject)))
  }

  async function flush(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting
      waiting = []
      const error = await commit(batch)
      // Called together, and before the next picture is taken: what is on the disk is then also in memory.
      for (const { done } of batch) done?.(error)
      if (size > compactAt) await compact()
    }
    flushing = undefined
  }

  async function commit(batch: typeof waiting): Promise<Error | undefined> {
    const bytes = Buffer.concat(batch.flatMap(({ frame }) => frame ?? []))
    const isAwaited = batch.some(({ done }) => done !== undefined)
    try {
      // What nobody waits for (delivery counts) goes to the page cache at once: it survives a crash of this process.
      const bytesWritten = isAwaited ? (await writeFile(fd, bytes)).bytesWritten : writeSync(fd, bytes)
      if (bytesWritten !== bytes.length) throw new Error("the disk took only a part of the write: is it full?")
      if (isAwaited) await syncFile(fd)
      size += bytes.length
      return undefined
    } catch (cause) {
      // What stands after the last good record would hide everything that is written later.
      ftruncateSync(fd, size)
      log("journalWriteFailed", { file, error: String(cause) })
      return new Error("the message could not be stored", { cause })
    }
  }

  async function compact(): Promise<void> {
    try {
      const first = encodeRecord({ t: "journal", v: 1 }, undefined)
      const frames = Array.from(deps.snapshot(), ({ record, bytes }) => encodeRecord(record, bytes))
      const newFd = await replaceFile(file, Buffer.concat([first, ...frames]))
      closeSync(fd)
      fd = newFd
      const before = size
      size = fstatSync(fd).size
      log("journalCompacted", { beforeBytes: before, afterBytes: size })
    } catch (error) {
      log("journalCompactionFailed", { file, error: String(error) })
    }
    compactAt = Math.max(compactAboveBytes, size * COMPACT_GROWTH)
  }

  if (size === 0) enqueue(encodeRecord({ t: "journal", v: 1 }, undefined), undefined)
  return {
    append: (record, bytes, done) => enqueue(encodeRecord(record, bytes), done),
    barrier: (done) => enqueue(undefined, done),
    async close() {
      while (flushing !== undefined) await flushing
      closeSync(fd)
    },
  }
}
