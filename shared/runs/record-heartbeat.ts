import type { HeartbeatAnswer } from "../builders/builder-messages.ts"
import type { RunTokenClaims } from "../builders/run-token.ts"
import type { RecordLostRunDeps } from "./record-lost-run.ts"
import { runOfBuilder } from "./run-of-builder.ts"
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
  const run = await runOfBuilder(deps, token, builderId)
  await deps.runs.putHeartbeat(token.registry, token.runId, builderId, deps.now())
  return { isCancelRequested: run.cancelRequestedAt !== undefined }
}
