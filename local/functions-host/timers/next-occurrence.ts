import type { Ncrontab } from "./parse-ncrontab.ts"

/** The Gregorian calendar repeats after 400 years, days of week included: what is not in them is not at all. */
const yearsToSearch = 400

/**
 * The first moment after `after` that the schedule names, in UTC, which is Azure's default zone. Day of month and day of week
 * must both hold (most cron libraries take either). Undefined when there is none, as on 30 February.
 */
export function nextOccurrence(schedule: Ncrontab, after: Date): Date | undefined {
  const [seconds = [], minutes = [], hours = [], days = [], months = [], weekdays = []] = schedule.values
  const from = new Date(Math.floor(after.getTime() / 1000) * 1000 + 1000)
  const lastYear = from.getUTCFullYear() + yearsToSearch
  let day = new Date(Date.UTC(from.getUTCFullYear(), from.getUTCMonth(), from.getUTCDate()))
  let isFirstDay = true
  while (day.getUTCFullYear() <= lastYear) {
    if (!months.includes(day.getUTCMonth() + 1)) {
      day = new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + 1, 1))
    } else {
      if (days.includes(day.getUTCDate()) && weekdays.includes(day.getUTCDay())) {
        const secondOfDay = isFirstDay ? Math.floor((from.getTime() - day.getTime()) / 1000) : 0
        const found = timeOfDay({ hours, minutes, seconds }, secondOfDay)
        if (found !== undefined) return new Date(day.getTime() + found * 1000)
      }
      day = new Date(day.getTime() + 86_400_000)
    }
    isFirstDay = false
  }
  return undefined
}

type Times = { hours: readonly number[]; minutes: readonly number[]; seconds: readonly number[] }

/** The first allowed second of a day from `from` on, counted from midnight. */
function timeOfDay({ hours, minutes, seconds }: Times, from: number): number | undefined {
  for (const hour of hours) {
    if (hour * 3600 + 3599 < from) continue
    for (const minute of minutes) {
      const start = hour * 3600 + minute * 60
      if (start + 59 < from) continue
      const second = seconds.find((value) => start + value >= from)
      if (second !== undefined) return start + second
    }
  }
  return undefined
}
