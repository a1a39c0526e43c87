import { z } from "zod"

const pattern =
  /^(?:(?<days>\d+)\.)?(?<hours>\d{1,2}):(?<minutes>\d{1,2})(?::(?<seconds>\d{1,2})(?:\.(?<fraction>\d{1,7}))?)?$/

/** Milliseconds of a .NET TimeSpan as host.json writes them (`[d.]hh:mm[:ss[.fffffff]]`), undefined when it is none. */
export function parseTimeSpan(text: string): number | undefined {
  const groups = pattern.exec(text)?.groups
  if (groups === undefined) return undefined
  const { days = "0", hours = "0", minutes = "0", seconds = "0", fraction = "0" } = groups
  if (Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 59) return undefined
  const wholeSeconds = ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds)
  return wholeSeconds * 1000 + Number(`0.${fraction}`) * 1000
}

/** A TimeSpan in JSON, parsed to milliseconds. */
export const TimeSpan = z.string().transform((text, context) => {
  const milliseconds = parseTimeSpan(text)
  if (milliseconds !== undefined) return milliseconds
  context.addIssue({ code: "custom", message: "not a time span such as 00:05:00" })
  return z.NEVER
})
