import { GoTime } from "../values/go-value.ts"
import { readLayout } from "./layout.ts"
import { type Fields, parsers } from "./parse-element.ts"
import { isZone, offsetAtWall } from "./zone.ts"

/** Go's zero time: the first of January of the year 1. */
export const zeroTime = new GoTime(-62_135_596_800n * 1_000_000_000n, "UTC")

/** Go's `time.ParseInLocation` with the local zone, which is UTC here. A text that does not fit gives `undefined`. */
export function parseTime(layout: string, text: string): GoTime | undefined {
  const fields: Fields = { rest: text }
  const parts = readLayout(layout)
  for (const [index, { text: literal, element }] of parts.entries()) {
    if (element === undefined) {
      if (!skip(fields, literal)) return undefined
      continue
    }
    const following = parts[index + 1]?.element ?? ""
    if (!parsers(element, /^[.,]/.test(following))(fields)) return undefined
  }
  return fields.rest === "" ? timeOf(fields) : undefined
}

/** Blanks match any number of blanks. */
function skip(fields: Fields, literal: string): boolean {
  let prefix = literal
  while (prefix !== "") {
    if (prefix.startsWith(" ")) {
      if (fields.rest !== "" && !fields.rest.startsWith(" ")) return false
      prefix = prefix.replace(/^ +/, "")
      fields.rest = fields.rest.replace(/^ +/, "")
    } else {
      if (!fields.rest.startsWith(prefix.charAt(0))) return false
      prefix = prefix.slice(1)
      fields.rest = fields.rest.slice(1)
    }
  }
  return true
}

function timeOf(fields: Fields): GoTime | undefined {
  let { hour = 0, month, day } = fields
  if (fields.isAfternoon === true && hour < 12) hour += 12
  else if (fields.isAfternoon === false && hour === 12) hour = 0
  const year = fields.year ?? 0
  if (fields.yearDay !== undefined) {
    const date = dateOf(year, 1, fields.yearDay)
    if (fields.yearDay < 1 || date.getUTCFullYear() !== year) return undefined
    if (month !== undefined && month !== date.getUTCMonth() + 1) return undefined
    if (day !== undefined && day !== date.getUTCDate()) return undefined
    month = date.getUTCMonth() + 1
    day = date.getUTCDate()
  }
  month ??= 1
  day ??= 1
  const date = dateOf(year, month, day)
  if (day < 1 || date.getUTCMonth() !== month - 1) return undefined
  const seconds = date.getTime() / 1000 + hour * 3600 + (fields.minute ?? 0) * 60 + (fields.second ?? 0)
  const at = (offset: number, zone: GoTime["zone"]) =>
    new GoTime(BigInt(seconds - offset) * 1_000_000_000n + BigInt(fields.nanosecond ?? 0), zone)
  if (fields.isUtc) return at(0, "UTC")
  if (fields.offset !== undefined) {
    return fields.offset === 0 && ["", "UTC"].includes(fields.zoneName ?? "")
      ? at(0, "UTC")
      : at(fields.offset, { name: fields.zoneName ?? "", offsetSeconds: fields.offset })
  }
  const { zoneName } = fields
  if (zoneName !== undefined && zoneName !== "UTC") {
    // An abbreviation says nothing of its offset, but for `GMT+3`.
    const hours = /^GMT([+-][0-9]+)$/.exec(zoneName)?.[1]
    const offset = hours === undefined ? 0 : Number(hours) * 3600
    return at(offset, { name: zoneName, offsetSeconds: offset })
  }
  return isZone("Local") ? at(offsetAtWall("UTC", seconds * 1000), "UTC") : undefined
}

/** Midnight of a day, UTC; years below 100 are meant as they stand. */
function dateOf(year: number, month: number, day: number): Date {
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  return date
}
