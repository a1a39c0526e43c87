import type { ScheduleStatus } from "./schedule-status.ts"

/**
 * What a stored status means at start. A schedule that was changed since is recomputed, from now if it would be late; one that
 * was missed is past due and fires once. Source: `ScheduleMonitor.CheckPastDueAsync` of azure-webjobs-sdk-extensions.
 */
export function resumeSchedule(
  stored: ScheduleStatus,
  next: (after: Date) => Date,
  now: Date,
): { status: ScheduleStatus; isPastDue: boolean; isChanged: boolean } {
  const computedFrom = stored.last ?? stored.lastUpdated
  const expected = next(computedFrom)
  if (expected.getTime() === stored.next.getTime()) {
    return { status: stored, isPastDue: now > stored.next, isChanged: false }
  }
  const status =
    now > expected
      ? { last: null, next: next(now), lastUpdated: now }
      : { last: null, next: expected, lastUpdated: computedFrom }
  return { status, isPastDue: false, isChanged: true }
}
