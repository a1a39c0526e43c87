import { type EndRunDeps, endRun } from "./end-run.ts"
import type { Run } from "./run.ts"
import type { RunTable } from "./run-table.ts"

export type RecordLostRunDeps = EndRunDeps & { runs: EndRunDeps["runs"] & Pick<RunTable, "create"> }

/**
 * A message, or a builder with a valid token, names a run that no table knows: the store lost it (Azurite after a SIGKILL; never
 * Azure). Its client follows a log that would stay open for ever, so the run comes back as ended, with the reason.
 */
export async function recordLostRun(
  deps: RecordLostRunDeps,
  { registry, runId, attempt }: { registry: string; runId: string; attempt: number },
): Promise<"lost"> {
  const at = deps.now().toISOString()
  const run: Run = {
    v: 1,
    runId,
    registry,
    status: "Queued",
    runType: "QuickBuild",
    attempt,
    launches: 0,
    createdAt: at,
    lastUpdatedAt: at,
    timeoutSeconds: 1,
    platform: { os: "linux", architecture: "amd64" },
    isArchiveEnabled: false,
    requestedBy: "",
    eventSeq: 0,
    outputImages: [],
    dependencies: [],
  }
  // Two may notice at once; the first one's row is as good.
  if ((await deps.runs.get(registry, runId)) === undefined) await deps.runs.create(run, undefined, deps.now())
  await endRun(deps, run, "Error", "The run was lost when the storage stopped; queue it again.")
  return "lost"
}
