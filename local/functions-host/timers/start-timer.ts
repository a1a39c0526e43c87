import type { Invoke } from "../app/invoke-function.ts"
import { errorText, writeLog } from "../write-log.ts"
import { resumeSchedule } from "./resume-schedule.ts"
import { retryInvocation } from "./retry-invocation.ts"
import type { ScheduleStatus, ScheduleStatusStore } from "./schedule-status.ts"
import type { Timer } from "./timer-trigger.ts"

/** A Node timer holds 24.8 days at most; longer waits go on in pieces. */
const maxDelayMs = 24 * 86_400_000

type Occasion = "scheduled" | "pastDue" | "startup"

export type RunningTimer = {
  /** Plans no further run; resolves when the present one has ended and its status is written. */
  stop(): Promise<void>
}

/**
 * Runs a timer until it is stopped: never twice at a time, an occurrence that came during a run follows it at once.
 * Source: `TimerListener.cs` of azure-webjobs-sdk-extensions.
 */
export async function startTimer(
  deps: { invoke: Invoke; statuses: ScheduleStatusStore; now(): Date },
  timer: Timer,
): Promise<RunningTimer> {
  const stopping = new AbortController()
  let firing = Promise.resolve()
  let handle: NodeJS.Timeout | undefined
  let status: ScheduleStatus
  let first: Occasion = timer.runOnStartup ? "startup" : "scheduled"

  const now = deps.now()
  const stored = timer.isMonitored ? await deps.statuses.read(timer.fn.name) : undefined
  if (stored === undefined) {
    status = { last: null, next: timer.next(now), lastUpdated: now }
    if (timer.isMonitored) await deps.statuses.write(timer.fn.name, status)
  } else {
    const resumed = resumeSchedule(stored, timer.next, now)
    status = resumed.status
    if (resumed.isChanged) await deps.statuses.write(timer.fn.name, status)
    if (resumed.isPastDue) first = "pastDue"
  }

  const plan = () => {
    const delayMs = status.next.getTime() - deps.now().getTime()
    handle =
      delayMs > maxDelayMs ? setTimeout(plan, maxDelayMs) : setTimeout(() => begin("scheduled"), Math.max(delayMs, 1))
  }
  const fire = async (occasion: Occasion) => {
    const startedAt = deps.now()
    await retryInvocation(deps.invoke, timer.fn, timerData(timer, status, occasion), stopping.signal).catch(
      () => undefined,
    )
    // A Node timer may be a moment early: counted from there, the same occurrence would come again.
    const ranAt = occasion === "scheduled" && status.next > startedAt ? status.next : startedAt
    status = { last: ranAt, next: timer.next(ranAt), lastUpdated: ranAt }
    if (timer.isMonitored) {
      await deps.statuses.write(timer.fn.name, status).catch((error) => {
        writeLog("error", "host", "timer status not written", { function: timer.fn.name, error: errorText(error) })
      })
    }
    if (!stopping.signal.aborted) plan()
  }

  const begin = (occasion: Occasion) => {
    firing = fire(occasion)
  }

  if (first === "scheduled") plan()
  else handle = setTimeout(() => begin(first), 1)
  return {
    stop() {
      stopping.abort()
      clearTimeout(handle)
      return firing
    },
  }
}

/** .NET's `TimerInfo`: keys in PascalCase, a status only when it is monitored. */
function timerData(timer: Timer, status: ScheduleStatus, occasion: Occasion) {
  const scheduleStatus = {
    Last: status.last?.toISOString() ?? "0001-01-01T00:00:00",
    Next: status.next.toISOString(),
    LastUpdated: status.lastUpdated.toISOString(),
  }
  const info = {
    Schedule: { AdjustForDST: true },
    ScheduleStatus: timer.isMonitored ? scheduleStatus : null,
    IsPastDue: occasion === "pastDue",
  }
  return { inputData: [{ name: timer.fn.trigger.name, data: { json: JSON.stringify(info) } }], triggerMetadata: {} }
}
