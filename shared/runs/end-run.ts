import type { BlobStore } from "../blobs/blob-store.ts"
import { closeRunLog } from "../logs/run-log.ts"
import { type ChangeRunDeps, changeRun } from "./change-run.ts"
import type { Run } from "./run.ts"
import { isTerminal, type RunOutcome } from "./run-status.ts"
import type { RunTable } from "./run-table.ts"

export type EndRunDeps = ChangeRunDeps & {
  runs: Pick<RunTable, "get" | "removeOpen" | "replace">
  blobs: Pick<BlobStore, "appendAt" | "createAppend" | "properties" | "setMetadata">
}

/**
 * Ends a run from the service's side (cancelled before it was built, its builder gone): terminal status first, then its log
 * is closed. A run that has ended meanwhile, or is no more what `isStillRight` judged, stays as it is. Errors: `ResourceNotFound`, `StorageUnavailable`; the sweep
 * finishes what is left half done.
 */
export async function endRun(
  deps: EndRunDeps,
  id: { registry: string; runId: string },
  outcome: RunOutcome,
  runErrorMessage: string | undefined,
  isStillRight: (current: Run) => boolean = () => true,
): Promise<Run> {
  const { run } = await changeRun(deps, id, (current) => {
    if (isTerminal(current.status) || !isStillRight(current)) return undefined
    return {
      status: outcome,
      finishedAt: deps.now().toISOString(),
      isEndedByService: true,
      ...(runErrorMessage === undefined ? {} : { runErrorMessage }),
    }
  })
  if (isTerminal(run.status)) await settleRun(deps, run)
  return run
}

/** What follows a terminal status: closes the log, then forgets that the run was open. May run twice. */
export async function settleRun(deps: Pick<EndRunDeps, "blobs" | "runs">, run: Run): Promise<void> {
  await closeRunLog(deps.blobs, run, { isLastLineMissing: run.isEndedByService === true })
  await deps.runs.removeOpen(run.registry, run.runId)
}
