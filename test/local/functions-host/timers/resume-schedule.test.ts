import { describe, expect, it } from "vitest"
import { nextOccurrence } from "../../../../local/functions-host/timers/next-occurrence.ts"
import { parseNcrontab } from "../../../../local/functions-host/timers/parse-ncrontab.ts"
import { resumeSchedule } from "../../../../local/functions-host/timers/resume-schedule.ts"

const hourly = (after: Date) => nextOccurrence(parseNcrontab("0 0 * * * *"), after) ?? after
const at = (time: string) => new Date(`2026-01-01T${time}Z`)

describe("a stored timer status", () => {
  it("whose next time is ahead goes on as it is", () => {
    const stored = { last: at("05:00:00"), next: at("06:00:00"), lastUpdated: at("05:00:00") }

    expect(resumeSchedule(stored, hourly, at("05:30:00"))).toEqual({
      status: stored,
      isPastDue: false,
      isChanged: false,
    })
  })

  it("whose next time has gone by is past due", () => {
    const stored = { last: at("05:00:00"), next: at("06:00:00"), lastUpdated: at("05:00:00") }

    expect(resumeSchedule(stored, hourly, at("09:30:00"))).toMatchObject({ isPastDue: true, isChanged: false })
  })

  it("that never ran counts from when it was written", () => {
    const stored = { last: null, next: at("06:00:00"), lastUpdated: at("05:12:00") }

    expect(resumeSchedule(stored, hourly, at("06:30:00"))).toMatchObject({ isPastDue: true })
  })

  it("of another schedule is computed from now when it would be late", () => {
    const stored = { last: at("05:00:00"), next: at("05:30:00"), lastUpdated: at("05:00:00") }

    expect(resumeSchedule(stored, hourly, at("09:30:00"))).toEqual({
      status: { last: null, next: at("10:00:00"), lastUpdated: at("09:30:00") },
      isPastDue: false,
      isChanged: true,
    })
  })

  it("of another schedule keeps its base when that is still ahead", () => {
    const stored = { last: at("05:00:00"), next: at("23:30:00"), lastUpdated: at("05:00:00") }

    expect(resumeSchedule(stored, hourly, at("05:30:00"))).toEqual({
      status: { last: null, next: at("06:00:00"), lastUpdated: at("05:00:00") },
      isPastDue: false,
      isChanged: true,
    })
  })
})
