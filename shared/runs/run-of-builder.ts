import type { RunTokenClaims } from "../builders/run-token.ts"
import { AppError } from "../errors.ts"
import { type RecordLostRunDeps, recordLostRun } from "./record-lost-run.ts"
import type { Run } from "./run.ts"
import { isTerminal } from "./run-status.ts"

/** The run that a builder works on. Errors: `RunEnded`; `RunNotClaimable` for one that has not claimed it; `ResourceNotFound`. */
export async function runOfBuilder(deps: RecordLostRunDeps, token: RunTokenClaims, builderId: string): Promise<Run> {
  const stored = await deps.runs.get(token.registry, token.runId)
  if (stored === undefined) {
    await recordLostRun(deps, token)
    throw new AppError("RunEnded", "The run is gone.")
  }
  const { run } = stored
  if (run.builderId !== builderId) throw new AppError("RunNotClaimable", "This builder has not claimed the run.")
  if (isTerminal(run.status)) throw new AppError("RunEnded", `The run has ended as ${run.status}.`)
  return run
}
