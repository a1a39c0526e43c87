import { durationText, parseDuration, roundToSeconds } from "../time/duration.ts"
import { formatGoTime } from "../time/format-time.ts"
import { parseTime, zeroTime } from "../time/parse-time.ts"
import { isZone } from "../time/zone.ts"
import { GoInteger, GoTime, type GoValue } from "../values/go-value.ts"
import { type CallContext, define, defineWith, type FunctionTable } from "./define-function.ts"

const second = 1_000_000_000n
const dateInZone = defineWith("func(string, interface {}, string) string", (context, layout, value, zone) =>
  formatIn(context, layout, value, zone),
)
const dateModify = define("func(string, time.Time) time.Time", (duration, time) => {
  const change = parseDuration(duration)
  return change === undefined ? time : new GoTime(time.nanoseconds + change, time.zone)
})

/** sprig 2.22's functions on times. The local zone is UTC; a zone that is none counts as UTC, as in sprig. */
export const timeFunctions: FunctionTable = {
  ago: defineWith("func(interface {}) string", (context, value) => {
    const isCounted = !(value instanceof GoInteger) || value.type === "int64"
    const since = nowOf(context).nanoseconds - timeIn(context, isCounted ? value : null).nanoseconds
    return durationText(roundToSeconds(since))
  }),
  date: defineWith("func(string, interface {}) string", (context, layout, value) =>
    formatIn(context, layout, value, "Local"),
  ),
  dateInZone,
  dateModify,
  date_in_zone: dateInZone,
  date_modify: dateModify,
  htmlDate: defineWith("func(interface {}) string", (context, value) =>
    formatIn(context, "2006-01-02", value, "Local"),
  ),
  htmlDateInZone: defineWith("func(interface {}, string) string", (context, value, zone) =>
    formatIn(context, "2006-01-02", value, zone),
  ),
  now: defineWith("func() time.Time", (context) => nowOf(context)),
  toDate: define("func(string, string) time.Time", (layout, text) => parseTime(layout, text) ?? zeroTime),
  unixEpoch: define("func(time.Time) string", ({ nanoseconds }) => String(floorSeconds(nanoseconds))),
}

/** Seconds since 1970, rounded down. */
export function floorSeconds(nanoseconds: bigint): bigint {
  const rest = ((nanoseconds % second) + second) % second
  return (nanoseconds - rest) / second
}

function nowOf({ now }: CallContext): GoTime {
  return new GoTime(BigInt(now().getTime()) * 1_000_000n, "Local")
}

function formatIn(context: CallContext, layout: string, value: GoValue, zone: string): string {
  const { nanoseconds } = timeIn(context, value)
  return formatGoTime(new GoTime(nanoseconds, isZone(zone) ? zone : "UTC"), layout)
}

/** A time, or seconds since 1970; whatever else it is, now. */
function timeIn(context: CallContext, value: GoValue): GoTime {
  if (value instanceof GoTime) return value
  if (typeof value === "bigint") return new GoTime(value * second, "Local")
  const isSeconds = value instanceof GoInteger && (value.type === "int64" || value.type === "int32")
  return isSeconds ? new GoTime(value.value * second, "Local") : nowOf(context)
}
