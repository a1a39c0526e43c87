import type { Run } from "./run.ts"
import type { RunOutcome } from "./run-status.ts"

/** Seconds, from the settings; `maxAttempts` counts builders that were launched and never claimed. */
export type SweepLimits = {
  queueTimeoutSeconds: number
  claimTimeoutSeconds: number
  heartbeatTimeoutSeconds: number
  cancelTimeoutSeconds: number
  maxAttempts: number
}

export type Verdict =
  | { type: "wait" }
  | { type: "resend"; reason: string }
  | { type: "end"; outcome: RunOutcome; message: string | undefined; reason: string }

type Facts = {
  now: Date
  processStartedAt: Date
  lastHeartbeatAt: Date | undefined
  /** Undefined when the launcher did not answer. */
  isBuilderAlive: boolean | undefined
  limits: SweepLimits
}

/** A builder whose process is gone may still have its last event on the way. */
const LAST_EVENT_SECONDS = 5
/** A builder ends its run at the timeout by itself; the service steps in only after this. */
const TIMEOUT_GRACE_SECONDS = 60

/** What is to be done about a run that has not ended; a pure function of what is known of it. */
export function verdictOn(run: Run, facts: Facts): Verdict {
  if (run.status === "Running") return verdictOnRunning(run, facts)
  const { limits, now } = facts
  if (run.status === "Started") {
    if (ageSeconds(run.launchedAt ?? run.lastUpdatedAt, now) < limits.claimTimeoutSeconds) return { type: "wait" }
    if (run.launches < limits.maxAttempts) return { type: "resend", reason: "its builder never claimed it" }
    const message = `${run.launches} builders were started, none of them claimed the run; see the launcher's log.`
    return { type: "end", outcome: "Error", message, reason: "no builder claimed it" }
  }
  if (ageSeconds(run.lastUpdatedAt, now) < limits.queueTimeoutSeconds) return { type: "wait" }
  return { type: "resend", reason: "it was stored but never started" }
}

function verdictOnRunning(
  run: Run,
  { now, processStartedAt, lastHeartbeatAt, isBuilderAlive, limits }: Facts,
): Verdict {
  const started = new Date(run.startedAt ?? run.lastUpdatedAt)
  const lastHeard = Math.max(started.getTime(), lastHeartbeatAt?.getTime() ?? 0, processStartedAt.getTime())
  const silentSeconds = (now.getTime() - lastHeard) / 1_000
  const isCancelOverdue =
    run.cancelRequestedAt !== undefined && ageSeconds(run.cancelRequestedAt, now) >= limits.cancelTimeoutSeconds
  if (isBuilderAlive === false && silentSeconds >= LAST_EVENT_SECONDS) {
    if (run.cancelRequestedAt !== undefined) return canceled("its builder is gone after a cancel")
    return died("The builder ended before the run was finished", "its builder is gone")
  }
  if (silentSeconds >= limits.heartbeatTimeoutSeconds) {
    return died(`The builder has not been heard of for ${Math.round(silentSeconds)}s`, "its builder is silent")
  }
  if (isCancelOverdue) return canceled("its builder did not obey a cancel")
  if (ageSeconds(started.toISOString(), now) >= run.timeoutSeconds + TIMEOUT_GRACE_SECONDS) {
    const message = `The run took longer than its timeout of ${run.timeoutSeconds}s.`
    return { type: "end", outcome: "Timeout", message, reason: "its builder did not obey the timeout" }
  }
  return { type: "wait" }
}

function died(what: string, reason: string): Verdict {
  return { type: "end", outcome: "Error", message: `${what}; nothing was run twice, queue it again.`, reason }
}

function canceled(reason: string): Verdict {
  return { type: "end", outcome: "Canceled", message: undefined, reason }
}

function ageSeconds(since: string, now: Date): number {
  return (now.getTime() - new Date(since).getTime()) / 1_000
}
