import type { Launcher } from "../builders/launcher.ts"
import { signRunToken } from "../builders/run-token.ts"
import { isAppError } from "../errors.ts"
import { changeRun } from "./change-run.ts"
import { type EndRunDeps, endRun } from "./end-run.ts"
import { recordLostRun } from "./record-lost-run.ts"
import type { Run } from "./run.ts"
import type { RunMessage } from "./run-message.ts"
import type { RunTable } from "./run-table.ts"

/** The service gives a builder this long beyond the run's own timeout to report and clean up. */
const GRACE_SECONDS = 300

export type StartRunDeps = EndRunDeps & {
  runs: EndRunDeps["runs"] & Pick<RunTable, "create">
  launcher: Launcher
  runTokenKey: Buffer
  publicUrl: string
}

export type StartRunOutcome = "launched" | "stale" | "ended" | "lost" | "refused"

/**
 * Hands a queued run to a launcher. The run counts as Started only once the launcher has accepted it, so a full or absent
 * launcher leaves it Queued and the message comes again. May run twice: builder names are idempotent and only one builder
 * can claim. Errors: `LauncherUnavailable` and `StorageUnavailable`, both retryable.
 */
export async function startRun(deps: StartRunDeps, message: RunMessage): Promise<StartRunOutcome> {
  const stored = await deps.runs.get(message.registry, message.runId)
  if (stored === undefined) return recordLostRun(deps, message)
  const { run } = stored
  if (run.status !== "Queued" && run.status !== "Started") return "ended"
  if (run.attempt !== message.attempt) return "stale"

  const maxLifetimeSeconds = run.timeoutSeconds + GRACE_SECONDS
  const name = builderName(run)
  const claims = { registry: run.registry, runId: run.runId, attempt: run.attempt }
  const expiresAt = new Date(deps.now().getTime() + maxLifetimeSeconds * 1_000)
  try {
    await deps.launcher.launch({
      name,
      runId: run.runId,
      registryName: run.registry,
      attempt: run.attempt,
      runUrl: `${deps.publicUrl}/builders/v1/${run.registry}/${run.runId}`,
      runToken: await signRunToken(deps.runTokenKey, claims, expiresAt),
      maxLifetimeSeconds,
    })
  } catch (error) {
    if (!isAppError(error, "LaunchRefused")) throw error
    await endRun(deps, run, "Error", `No builder could be started: ${error.message}`)
    return "refused"
  }
  const now = await noteLaunch(deps, run, message)
  if (now === undefined) return recordLostRun(deps, message)
  if (now.status !== "Canceled") return "launched"
  await deps.launcher.stop(name)
  return "ended"
}

/** Undefined when the store lost the run while its builder was being launched. */
async function noteLaunch(deps: StartRunDeps, run: Run, message: RunMessage): Promise<Run | undefined> {
  try {
    const { run: now } = await changeRun(deps, run, (current) => {
      const isWaiting = current.status === "Queued" || current.status === "Started"
      if (!isWaiting || current.attempt !== message.attempt) return undefined
      return { status: "Started", launches: current.launches + 1, launchedAt: deps.now().toISOString() }
    })
    return now
  } catch (error) {
    if (isAppError(error, "ResourceNotFound")) return undefined
    throw error
  }
}

/** Unique per attempt, and a valid name for containers and jobs. */
export function builderName({ runId, attempt }: Pick<Run, "runId" | "attempt">): string {
  return `${runId}-${attempt}`
}
