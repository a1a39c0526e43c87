import type { BlobStore } from "../blobs/blob-store.ts"
import type { Run } from "../runs/run.ts"
import { isTerminal, type RunOutcome } from "../runs/run-status.ts"
import { STORAGE_NAMES } from "../storage-names.ts"

const CONTAINER = STORAGE_NAMES.containers.logs
/** Metadata key that ends a log for az, and its values (az-cli 8.2); "anything else = success". */
const COMPLETE = "Complete"
/** Mark of a last line that the service writes: it is written once, whatever fails afterwards. */
const LAST_LINE = "Lastline"
const COMPLETION: Record<RunOutcome, string> = {
  Succeeded: "successful",
  Failed: "failed",
  Canceled: "canceled",
  Error: "internalerror",
  Timeout: "timedout",
}

type RunName = Pick<Run, "registry" | "runId">

/** Blob of a run's log, in the shape of ACR's (`arm-contract` 3). */
export function logBlob({ registry, runId }: RunName): string {
  return `${registry}/${runId}/rawtext.log`
}

/** A read URL of a run's log, for clients. */
export function runLogUrl(blobs: Pick<BlobStore, "sasUrl">, run: RunName, expiresAt: Date): Promise<string> {
  return blobs.sasUrl(CONTAINER, logBlob(run), "r", expiresAt)
}

/** Removes the log of a run that is purged. */
export function deleteRunLog(blobs: Pick<BlobStore, "delete">, run: RunName): Promise<void> {
  return blobs.delete(CONTAINER, logBlob(run))
}

/** Makes the empty log with its retention tag, before `scheduleRun` answers (az-cli 8.3). Repeating it does no harm. */
export async function openRunLog(
  blobs: Pick<BlobStore, "createAppend">,
  run: RunName & { isArchiveEnabled: boolean },
): Promise<void> {
  await blobs.createAppend(CONTAINER, logBlob(run), { retention: run.isArchiveEnabled ? "archived" : "standard" })
}

/**
 * Closes the log of a run that has ended: the metadata key `Complete`, set last. A log whose builder could not write its
 * last line gets one here. May run twice, and by two at once: a mark goes before the line, and the line lands only where
 * the log ended when it was looked at. Errors: `StorageUnavailable`.
 */
export async function closeRunLog(
  blobs: Pick<BlobStore, "appendAt" | "createAppend" | "properties" | "setMetadata">,
  run: Run,
  options: { isLastLineMissing: boolean },
): Promise<void> {
  if (!isTerminal(run.status)) throw new Error(`run ${run.runId} has not ended`)
  let log = await blobs.properties(CONTAINER, logBlob(run))
  if (log === undefined) {
    await openRunLog(blobs, run)
    log = { length: 0, metadata: {} }
  }
  const { length, metadata } = log
  const entryOf = (name: string) =>
    Object.entries(metadata).find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1]
  if (entryOf(COMPLETE) !== undefined) return
  let marked = metadata
  if (options.isLastLineMissing) {
    const position = await appendLastLine(blobs, run, { length, metadata, mark: entryOf(LAST_LINE) })
    marked = { ...metadata, [LAST_LINE]: String(position) }
  }
  await blobs.setMetadata(CONTAINER, logBlob(run), { ...marked, [COMPLETE]: COMPLETION[run.status] })
}

/** A builder that is thought dead may still add to its log for a moment. */
const LAST_LINE_TRIES = 5

/**
 * Sees that the last line is there, once: its place is marked before it is written, so whoever comes second, or goes on where the first
 * one stopped, writes it at the same place or finds it there. Returns the place.
 */
async function appendLastLine(
  blobs: Pick<BlobStore, "appendAt" | "properties" | "setMetadata">,
  run: Run,
  { length, metadata, mark }: { length: number; metadata: Record<string, string>; mark: string | undefined },
): Promise<number> {
  const line = Buffer.from(lastLine(run))
  let position = Number(mark ?? length)
  let isMarked = mark !== undefined
  for (let tries = 0; tries < LAST_LINE_TRIES; tries++) {
    if (!isMarked) await blobs.setMetadata(CONTAINER, logBlob(run), { ...metadata, [LAST_LINE]: String(position) })
    if (await blobs.appendAt(CONTAINER, logBlob(run), position, line)) break
    const log = await blobs.properties(CONTAINER, logBlob(run))
    if (log === undefined || log.length === position + line.length) break
    position = log.length
    isMarked = false
  }
  return position
}

/** The last line as ACR's service prints it (task-file 9), CRLF before and after: the builder may have died in mid-line. */
function lastLine(run: Run): string {
  const from = new Date(run.startedAt ?? run.createdAt)
  const seconds = Math.max(
    0,
    Math.round((new Date(run.finishedAt ?? run.lastUpdatedAt).getTime() - from.getTime()) / 1000),
  )
  const verb = {
    Succeeded: "was successful",
    Failed: "failed",
    Error: "failed",
    Canceled: "was canceled",
    Timeout: "timed out",
  }
  const cause = run.runErrorMessage === undefined ? "" : `. Error: ${run.runErrorMessage}`
  return `\r\nRun ID: ${run.runId} ${verb[run.status as RunOutcome]} after ${seconds}s${cause}\r\n`
}
