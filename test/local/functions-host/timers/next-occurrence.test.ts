import { describe, expect, it } from "vitest"
import { nextOccurrence } from "../../../../local/functions-host/timers/next-occurrence.ts"
import { parseNcrontab } from "../../../../local/functions-host/timers/parse-ncrontab.ts"

function next(schedule: string, after: string): string | undefined {
  return nextOccurrence(parseNcrontab(schedule), new Date(after))?.toISOString()
}

describe("the next occurrence", () => {
  it.each([
    ["every second", "* * * * * *", "2026-01-01T00:00:00Z", "2026-01-01T00:00:01.000Z"],
    ["of a second is after its fraction", "* * * * * *", "2026-01-01T00:00:00.999Z", "2026-01-01T00:00:01.000Z"],
    ["is never the moment itself", "0 0 * * * *", "2026-01-01T05:00:00Z", "2026-01-01T06:00:00.000Z"],
    ["each quarter of a minute", "*/15 * * * * *", "2026-01-01T00:00:46Z", "2026-01-01T00:01:00.000Z"],
    ["every five minutes", "0 */5 * * * *", "2026-01-01T00:03:10Z", "2026-01-01T00:05:00.000Z"],
    ["from a start, in steps", "0 7/20 * * * *", "2026-01-01T00:28:00Z", "2026-01-01T00:47:00.000Z"],
    ["a step that starts anew each hour", "0 7/20 * * * *", "2026-01-01T00:47:00Z", "2026-01-01T01:07:00.000Z"],
    ["of a range with steps", "0 0 9-17/4 * * *", "2026-01-01T13:00:00Z", "2026-01-01T17:00:00.000Z"],
    ["after the range: the next day", "0 0 9-17/4 * * *", "2026-01-01T17:00:00Z", "2026-01-02T09:00:00.000Z"],
    ["of a list", "0 0 6,18 * * *", "2026-01-01T07:00:00Z", "2026-01-01T18:00:00.000Z"],
    ["of working days", "0 30 9 * * 1-5", "2026-01-02T09:30:00Z", "2026-01-05T09:30:00.000Z"],
    ["with names of days", "0 30 9 * * Mon-fri", "2026-01-02T09:30:00Z", "2026-01-05T09:30:00.000Z"],
    ["with names of months", "0 0 0 1 FEB,july *", "2026-03-01T00:00:00Z", "2026-07-01T00:00:00.000Z"],
    ["of Sunday, which is 0", "0 0 0 * * 0", "2026-01-01T00:00:00Z", "2026-01-04T00:00:00.000Z"],
    ["over the end of a year", "59 59 23 31 12 *", "2026-12-31T23:59:59Z", "2027-12-31T23:59:59.000Z"],
    ["on the 31st: short months have none", "0 0 0 31 * *", "2026-01-31T00:00:00Z", "2026-03-31T00:00:00.000Z"],
    ["on 29 February: the next leap year", "0 0 0 29 2 *", "2026-01-01T00:00:00Z", "2028-02-29T00:00:00.000Z"],
    ["on 29 February over a century without one", "0 0 0 29 2 *", "2096-03-01T00:00:00Z", "2104-02-29T00:00:00.000Z"],
    ["of a range that runs backwards", "0 0 5-3 * * *", "2026-01-01T00:00:00Z", "2026-01-01T03:00:00.000Z"],
    ["of five fields: second 0", "*/5 * * * *", "2026-01-01T00:03:10Z", "2026-01-01T00:05:00.000Z"],
    ["with blanks around", "  0  0 12 * * *  ", "2026-01-01T00:00:00Z", "2026-01-01T12:00:00.000Z"],
  ])("%s (%s)", (_, schedule, after, expected) => {
    expect(next(schedule, after)).toBe(expected)
  })

  it("needs day of month and day of week both, where most cron libraries take either", () => {
    // The 13ths of 2026 that are Fridays: February, March, November.
    expect(next("0 0 0 13 * FRI", "2026-01-01T00:00:00Z")).toBe("2026-02-13T00:00:00.000Z")
    expect(next("0 0 0 13 * FRI", "2026-03-13T00:00:00Z")).toBe("2026-11-13T00:00:00.000Z")
  })

  it("needs them both also when that is years away", () => {
    expect(next("0 0 0 29 2 MON", "2026-01-01T00:00:00Z")).toBe("2044-02-29T00:00:00.000Z")
  })

  it("is none on 30 February", () => {
    expect(next("0 0 0 30 2 *", "2026-01-01T00:00:00Z")).toBeUndefined()
  })

  it("agrees with trying every second of three days", () => {
    const schedule = parseNcrontab("7,33 */13 5-20/3 * 1-3 mon,wed")
    const start = Date.UTC(2026, 0, 5)
    const tried: number[] = []
    for (let at = start + 1000; at < start + 3 * 86_400_000; at += 1000) {
      const date = new Date(at)
      const fields = [
        date.getUTCSeconds(),
        date.getUTCMinutes(),
        date.getUTCHours(),
        date.getUTCDate(),
        1,
        date.getUTCDay(),
      ]
      if (fields.every((value, index) => schedule.values[index]?.includes(value))) tried.push(at)
    }

    const computed: number[] = []
    for (let at = nextOccurrence(schedule, new Date(start)); at && at.getTime() < start + 3 * 86_400_000; ) {
      computed.push(at.getTime())
      at = nextOccurrence(schedule, at)
    }

    expect(computed.length).toBeGreaterThan(50)
    expect(computed).toEqual(tried)
  })
})

describe("a schedule is refused", () => {
  it.each([
    ["* * * *", "has 4 fields"],
    ["* * * * * * *", "has 7 fields"],
    ["60 * * * * *", '"60" is not a second'],
    ["* * 24 * * *", '"24" is not a hour'],
    ["* * * 0 * *", '"0" is not a day'],
    ["* * * * 13 *", '"13" is not a month'],
    ["* * * * * 7", '"7" is not a day of week'],
    ["* * * * * noday", '"noday" is not a day of week'],
    ["*/0 * * * * *", '"*/0" is not a second'],
    ["*-5 * * * * *", '"*-5" is not a second'],
    ["1, * * * * *", '"" is not a second'],
    ["-1 * * * * *", '"-1" is not a second'],
    ["0 00:05:00 * * * *", "is not a minute"],
    ["0 jan * * * *", '"jan" is not a minute'],
  ])("%s: %s", (schedule, reason) => {
    expect(() => parseNcrontab(schedule)).toThrow(reason)
  })
})
