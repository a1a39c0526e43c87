import { createHash } from "node:crypto"
import type { BlobStore } from "../blobs/blob-store.ts"
import { AppError, isAppError } from "../errors.ts"
import type { Log } from "../log.ts"
import { deleteRunLog, openRunLog } from "../logs/run-log.ts"
import type { Registry } from "../registry/registry.ts"
import { requireUpload } from "../uploads/upload-location.ts"
import { deleteRunRequest, writeRunRequest } from "./request-blob.ts"
import type { Run } from "./run.ts"
import { newRunId } from "./run-id.ts"
import type { RunQueue } from "./run-message.ts"
import type { RunRequest } from "./run-request.ts"
import type { Cause, RunTable } from "./run-table.ts"

export type QueueRunDeps = {
  runs: Pick<RunTable, "create" | "findByCause" | "get">
  blobs: Pick<BlobStore, "createAppend" | "delete" | "version" | "write">
  queue: RunQueue
  requestKey: Buffer
  now(): Date
  log: Log
}

export type QueueRunInput = {
  registry: Registry
  request: RunRequest
  runType: Run["runType"]
  taskName?: string
  requestedBy: string
  /** Makes the call idempotent: the parts that say "this is the same wish", and for how long. Absent: always a new run. */
  cause?: { parts: readonly string[]; keepSeconds: number }
}

/**
 * The one way into the queue, for whatever wants a run: stores the run, then sends its id. When the queue does not answer the
 * run is stored all the same and the sweep sends it; the caller is not told to try again.
 * A repeated cause returns the run of the first call, and leaves nothing behind. Errors: `SourceLocationNotFound`, `StorageUnavailable`.
 */
export async function queueRun(deps: QueueRunDeps, input: QueueRunInput): Promise<{ run: Run; isRepeat: boolean }> {
  const run = newRun(input, deps.now())
  const cause = causeOf(input, deps.now())
  const [known, source] = await Promise.all([
    cause === undefined ? undefined : deps.runs.findByCause(run.registry, cause, deps.now()),
    pinnedSource(deps, input),
  ])
  if (known !== undefined) return { run: known, isRepeat: true }
  await Promise.all([writeRunRequest(deps, run, { ...input.request, source }), openRunLog(deps.blobs, run)])
  const result = await deps.runs.create(run, cause, deps.now())
  if (result.type === "exists") {
    await Promise.all([deleteRunRequest(deps.blobs, run), deleteRunLog(deps.blobs, run)])
    const first = await deps.runs.get(run.registry, result.runId)
    if (first !== undefined) return { run: first.run, isRepeat: true }
    throw new AppError("Conflict", "The run of an earlier, identical request is gone; change the request to run again.")
  }
  try {
    await deps.queue.send({ v: 1, registry: run.registry, runId: run.runId, attempt: run.attempt, retry: 0 })
  } catch (error) {
    if (!isAppError(error)) throw error
    deps.log.warn("the queue did not take a stored run; the sweep will send it", { runId: run.runId, error })
  }
  return { run, isRepeat: false }
}

/** An upload is what it is now: its URL outlives this request. */
async function pinnedSource(
  { blobs }: QueueRunDeps,
  { registry, request }: QueueRunInput,
): Promise<RunRequest["source"]> {
  const { source } = request
  if (source.type !== "upload") return source
  return { ...source, version: await requireUpload(blobs, registry, source.path) }
}

function newRun({ registry, request, runType, taskName, requestedBy }: QueueRunInput, now: Date): Run {
  const at = now.toISOString()
  const { customLogins, cpu } = request
  return {
    v: 1,
    runId: newRunId(now),
    registry: registry.key,
    status: "Queued",
    runType,
    attempt: 1,
    launches: 0,
    createdAt: at,
    lastUpdatedAt: at,
    timeoutSeconds: request.timeoutSeconds,
    platform: request.platform,
    isArchiveEnabled: request.isArchiveEnabled,
    requestedBy,
    eventSeq: 0,
    outputImages: [],
    dependencies: [],
    ...(cpu === undefined ? {} : { cpu }),
    ...(taskName === undefined ? {} : { taskName }),
    ...(request.isSourceRegistryLoginEnabled ? {} : { sourceRegistryAuth: "None" }),
    ...(customLogins.length === 0 ? {} : { customRegistries: customLogins.map(({ loginServer }) => loginServer) }),
  }
}

function causeOf({ cause }: QueueRunInput, now: Date): Cause | undefined {
  if (cause === undefined) return undefined
  // Length-prefixed, so that no two lists of parts read the same.
  const text = cause.parts.map((part) => `${part.length}:${part}`).join("")
  const hash = createHash("sha256").update(text).digest("hex")
  return { hash, expiresAt: new Date(now.getTime() + cause.keepSeconds * 1_000) }
}
