import type { Launcher } from "../builders/launcher.ts"
import { AppError } from "../errors.ts"
import type { Log } from "../log.ts"
import { changeRun } from "./change-run.ts"
import { type EndRunDeps, settleRun } from "./end-run.ts"
import type { Run } from "./run.ts"
import { isTerminal } from "./run-status.ts"
import { builderName } from "./start-run.ts"

export type CancelRunDeps = EndRunDeps & { launcher: Pick<Launcher, "stop">; log: Log }

/**
 * Cancels a run. One that no builder has claimed ends at once; a running one is told by the answer to its next heartbeat.
 * Cancelling twice is fine. Errors: `ResourceNotFound`; `Conflict` when the run has ended otherwise.
 */
export async function cancelRun(deps: CancelRunDeps, id: { registry: string; runId: string }): Promise<Run> {
  const { run, isChanged } = await changeRun(deps, id, (current) => {
    const at = deps.now().toISOString()
    if (current.status === "Canceled") return undefined
    if (isTerminal(current.status)) {
      throw new AppError("Conflict", `The run '${current.runId}' has already ended as ${current.status}.`)
    }
    if (current.status === "Running")
      return current.cancelRequestedAt === undefined ? { cancelRequestedAt: at } : undefined
    return { status: "Canceled", finishedAt: at, cancelRequestedAt: at, isEndedByService: true }
  })
  if (!isChanged || run.status !== "Canceled") return run
  await settleRun(deps, run)
  // A builder that was launched but has not claimed exits by itself on 409; stopping it only frees its place sooner.
  if (run.launches > 0) {
    await deps.launcher.stop(builderName(run)).catch((error: unknown) => {
      deps.log.warn("a builder of a cancelled run could not be stopped", { runId: run.runId, error })
    })
  }
  return run
}
