import { AppError } from "../errors.ts"
import type { Run } from "./run.ts"
import { canMove } from "./run-status.ts"
import type { RunTable } from "./run-table.ts"

const MAX_RACES = 50

export type ChangeRunDeps = { runs: Pick<RunTable, "get" | "replace">; now(): Date }

/**
 * The only way a run's row changes: compare-and-swap, tried again with the newer version when somebody else was first.
 * `change` returns the fields to set, or undefined when nothing is to be done any more. A status that the state machine
 * forbids is a programming error. Returns the run as it stands now and whether this call changed it.
 * Errors: `ResourceNotFound`; `StorageUnavailable`.
 */
export async function changeRun(
  deps: ChangeRunDeps,
  id: { registry: string; runId: string },
  change: (run: Run) => Partial<Run> | undefined,
): Promise<{ run: Run; isChanged: boolean }> {
  for (let race = 0; race < MAX_RACES; race++) {
    const stored = await deps.runs.get(id.registry, id.runId)
    if (stored === undefined) {
      throw new AppError("ResourceNotFound", `The run '${id.runId}' was not found in registry '${id.registry}'.`)
    }
    const fields = change(stored.run)
    if (fields === undefined) return { run: stored.run, isChanged: false }
    const next: Run = { ...stored.run, ...fields, lastUpdatedAt: deps.now().toISOString() }
    if (next.status !== stored.run.status && !canMove(stored.run.status, next.status)) {
      throw new Error(`a run cannot move from ${stored.run.status} to ${next.status}`)
    }
    if (await deps.runs.replace(next, stored.etag)) return { run: next, isChanged: true }
  }
  throw new AppError("Conflict", "The run is being changed by too many callers at once; try again.", {
    isRetryable: true,
  })
}
