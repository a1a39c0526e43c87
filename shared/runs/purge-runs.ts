import type { BlobStore } from "../blobs/blob-store.ts"
import { deleteRunLog } from "../logs/run-log.ts"
import type { Registry } from "../registry/registry.ts"
import { purgeUploads } from "../uploads/upload-location.ts"
import { deleteRunRequest } from "./request-blob.ts"
import { invertRunId, oldestRunId } from "./run-id.ts"
import { isTerminal } from "./run-status.ts"
import type { RunPage, RunTable } from "./run-table.ts"

const DAY_MS = 86_400_000
const BATCH = 500
/** An upload is needed until its run has started; runs wait hours at the most. */
const UPLOAD_DAYS = 2

export type PurgeRunsDeps = {
  runs: Pick<RunTable, "list" | "remove" | "removeExpiredCauses">
  blobs: Pick<BlobStore, "delete" | "list">
  registries: readonly Registry[]
  now(): Date
}

/**
 * Forgets runs older than the retention, with request and log, and uploads of days past (architecture, decision 8). In Azure the lifecycle policy has
 * deleted the log by then; deleting it again does no harm. Archived runs stay, and so does what has not ended.
 */
export async function purgeRuns(
  deps: PurgeRunsDeps,
  retentionDays: number,
): Promise<{ runs: number; causes: number; uploads: number }> {
  const cutoff = new Date(deps.now().getTime() - retentionDays * DAY_MS)
  let runs = 0
  let causes = 0
  let uploads = 0
  for (const registry of deps.registries) {
    const { key } = registry
    let before: string | undefined = invertRunId(oldestRunId(cutoff))
    while (before !== undefined) {
      const page: RunPage = await deps.runs.list(key, { before, limit: BATCH })
      for (const run of page.runs) {
        if (run.isArchiveEnabled || !isTerminal(run.status)) continue
        await deleteRunLog(deps.blobs, run)
        await deleteRunRequest(deps.blobs, run)
        await deps.runs.remove(run)
        runs++
      }
      before = page.next
    }
    causes += await deps.runs.removeExpiredCauses(key, deps.now())
    uploads += await purgeUploads(deps.blobs, registry, new Date(deps.now().getTime() - UPLOAD_DAYS * DAY_MS))
  }
  return { runs, causes, uploads }
}
