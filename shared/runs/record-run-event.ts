import type { BuilderEvent } from "../builders/builder-messages.ts"
import type { RunTokenClaims } from "../builders/run-token.ts"
import { AppError } from "../errors.ts"
import { changeRun } from "./change-run.ts"
import { type EndRunDeps, settleRun } from "./end-run.ts"
import type { Run } from "./run.ts"
import { isTerminal } from "./run-status.ts"

/**
 * Applies what a builder reports, each event once and in order of `seq` (contracts, "Builders"). A repeated event is taken
 * and does nothing; after the last one the log is closed. Returns whether the event changed the run.
 * Errors: `RunEnded` for news of a run that has ended otherwise; `OutOfOrder` for a gap; `RunNotClaimable` for a builder
 * that did not claim the run.
 */
export async function recordRunEvent(
  deps: EndRunDeps,
  token: RunTokenClaims,
  event: BuilderEvent,
): Promise<{ run: Run; isApplied: boolean }> {
  const { run, isChanged } = await changeRun(deps, token, (current) => {
    if (current.builderId !== event.builderId) {
      throw new AppError("RunNotClaimable", "This builder has not claimed the run.")
    }
    if (event.seq <= current.eventSeq) return undefined
    if (isTerminal(current.status)) throw new AppError("RunEnded", `The run has ended as ${current.status}.`)
    if (event.seq > current.eventSeq + 1) {
      throw new AppError("OutOfOrder", `Event ${current.eventSeq + 1} comes first.`, { isRetryable: true })
    }
    return { eventSeq: event.seq, ...changesOf(event, deps.now()) }
  })
  if (isTerminal(run.status)) await settleRun(deps, run)
  return { run, isApplied: isChanged }
}

function changesOf(event: BuilderEvent, now: Date): Partial<Run> {
  switch (event.type) {
    case "started":
      return { engine: event.engine }
    case "finished":
      return {
        status: event.outcome,
        finishedAt: now.toISOString(),
        ...(event.message === undefined ? {} : { runErrorMessage: event.message }),
        ...(event.images === undefined ? {} : { outputImages: event.images }),
        ...(event.dependencies === undefined ? {} : { dependencies: event.dependencies }),
      }
  }
}
