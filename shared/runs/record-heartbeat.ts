import type { HeartbeatAnswer } from "../builders/builder-messages.ts"
import type { RunTokenClaims } from "../builders/run-token.ts"
import { AppError } from "../errors.ts"
import { type RecordLostRunDeps, recordLostRun } from "./record-lost-run.ts"
import { isTerminal } from "./run-status.ts"
import type { RunTable } from "./run-table.ts"

export type RecordHeartbeatDeps = RecordLostRunDeps & {
  runs: RecordLostRunDeps["runs"] & Pick<RunTable, "putHeartbeat">
}

/**
 * Notes that a builder lives; the answer carries cancel. Heartbeats are a row of their own: they never race with the run's.
 * Errors: `RunEnded`, `RunNotClaimable`, `ResourceNotFound`.
 */
export async function recordHeartbeat(
  deps: RecordHeartbeatDeps,
  token: RunTokenClaims,
  builderId: string,
): Promise<HeartbeatAnswer> {
  const stored = await deps.runs.get(token.registry, token.runId)
  if (stored === undefined) {
    await recordLostRun(deps, token)
    throw new AppError("RunEnded", "The run is gone.")
  }
  const { run } = stored
  if (run.builderId !== builderId) throw new AppError("RunNotClaimable", "This builder has not claimed the run.")
  if (isTerminal(run.status)) throw new AppError("RunEnded", `The run has ended as ${run.status}.`)
  await deps.runs.putHeartbeat(token.registry, token.runId, builderId, deps.now())
  return { isCancelRequested: run.cancelRequestedAt !== undefined }
}
