import type { RunSpec } from "../builders/run-spec.ts"
import type { RunTokenClaims } from "../builders/run-token.ts"
import { AppError, isAppError } from "../errors.ts"
import { changeRun } from "./change-run.ts"
import { type EndRunDeps, endRun } from "./end-run.ts"
import { recordLostRun } from "./record-lost-run.ts"
import { type RequestBlobDeps, readRunRequest } from "./request-blob.ts"
import type { Run } from "./run.ts"
import type { RunRequest } from "./run-request.ts"
import { type RunSpecDeps, runSpecOf } from "./run-spec-of.ts"
import { isTerminal } from "./run-status.ts"
import type { RunTable } from "./run-table.ts"

export type ClaimRunDeps = EndRunDeps &
  RequestBlobDeps &
  RunSpecDeps & {
    runs: EndRunDeps["runs"] & Pick<RunTable, "create" | "putHeartbeat">
    blobs: EndRunDeps["blobs"] & RequestBlobDeps["blobs"] & RunSpecDeps["blobs"]
  }

/**
 * The first fetch of a spec claims the run (contracts, "Builders"). The same builder may ask again, since its answer can be
 * lost on the way. Errors: `RunNotClaimable` for any other builder, an older attempt, or a run that has ended.
 */
export async function claimRun(deps: ClaimRunDeps, token: RunTokenClaims, builderId: string): Promise<RunSpec> {
  if ((await deps.runs.get(token.registry, token.runId)) === undefined) {
    await recordLostRun(deps, token)
    throw notClaimable("the store lost it")
  }
  const { run } = await changeRun(deps, token, (current) => {
    if (isTerminal(current.status)) throw notClaimable(`it has ended as ${current.status}`)
    if (current.attempt !== token.attempt) throw notClaimable("a newer builder was launched for it")
    if (current.status === "Running") {
      if (current.builderId === builderId) return undefined
      throw notClaimable("another builder has claimed it")
    }
    return { status: "Running", builderId, startedAt: deps.now().toISOString() }
  })
  await deps.runs.putHeartbeat(run.registry, run.runId, builderId, deps.now())
  const request = await openRequest(deps, run)
  if (request.isOpen) return runSpecOf(deps, run, request.content)
  await endRun(deps, run, "Error", request.why)
  throw notClaimable("its request cannot be read")
}

/** What the run was asked to do, or why nobody will ever know. Errors: `StorageUnavailable`. */
async function openRequest(
  deps: ClaimRunDeps,
  run: Run,
): Promise<{ isOpen: true; content: RunRequest } | { isOpen: false; why: string }> {
  if (!deps.registries.some(({ key }) => key === run.registry)) {
    return { isOpen: false, why: "The run's registry is no longer among the service's settings." }
  }
  try {
    const content = await readRunRequest(deps, run)
    if (content !== undefined) return { isOpen: true, content }
    return { isOpen: false, why: "The run's request was lost when the storage stopped; queue it again." }
  } catch (error) {
    if (isAppError(error)) throw error
    const why = "The run's request cannot be opened; was SLIPWAY_SECRET_KEY changed? Queue it again."
    return { isOpen: false, why }
  }
}

function notClaimable(why: string): AppError {
  return new AppError("RunNotClaimable", `This run cannot be claimed: ${why}.`)
}
