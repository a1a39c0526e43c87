import type { GoZone } from "../values/go-value.ts"
import { zoneAbbreviation } from "./zone-abbreviation.ts"

/** Name and offset from UTC at an instant. */
export type ZoneAt = { name: string; offsetSeconds: number }

const formats = new Map<string, Intl.DateTimeFormat | undefined>()

/** Whether Go's `time.LoadLocation` would know the name. `Local` is UTC here: what a run renders must not depend on a machine. */
export function isZone(name: string): boolean {
  return name === "" || name === "UTC" || name === "Local" || formatOf(name) !== undefined
}

/** The offset of a zone at an instant; `milliseconds` since 1970. */
export function zoneAt(zone: GoZone, milliseconds: number): ZoneAt {
  if (typeof zone !== "string") return zone
  const format = zone === "" || zone === "UTC" || zone === "Local" ? undefined : formatOf(zone)
  if (format === undefined) return { name: "UTC", offsetSeconds: 0 }
  const part = (type: string) => format.formatToParts(milliseconds).find((found) => found.type === type)?.value ?? ""
  const [, sign, hours = "0", minutes = "0", seconds = "0"] =
    /([+-])(\d+):?(\d*):?(\d*)$/.exec(part("timeZoneName")) ?? []
  const offset = Number(hours) * 3600 + Number(minutes || 0) * 60 + Number(seconds || 0)
  const offsetSeconds = sign === "-" ? -offset : offset
  return { name: abbreviationOf(zone, milliseconds, offsetSeconds), offsetSeconds }
}

/** The offset at a wall clock reading in a zone: what Go's `time.Date` takes. */
export function offsetAtWall(zone: GoZone, wallMilliseconds: number): number {
  const guess = zoneAt(zone, wallMilliseconds).offsetSeconds
  const first = zoneAt(zone, wallMilliseconds - guess * 1000).offsetSeconds
  return first === guess ? guess : zoneAt(zone, wallMilliseconds - first * 1000).offsetSeconds === first ? first : guess
}

function abbreviationOf(zone: string, milliseconds: number, offsetSeconds: number): string {
  const letters = zoneAbbreviation(zone, isSummer(zone, milliseconds))
  return letters ?? offsetName(offsetSeconds)
}

/** `+0530`, `-03`: how tzdata abbreviates most of the world. */
function offsetName(offsetSeconds: number): string {
  const minutes = Math.floor(Math.abs(offsetSeconds) / 60)
  const hours = String(Math.floor(minutes / 60)).padStart(2, "0")
  const rest = minutes % 60 === 0 ? "" : String(minutes % 60).padStart(2, "0")
  return `${offsetSeconds < 0 ? "-" : "+"}${hours}${rest}`
}

function isSummer(zone: string, milliseconds: number): boolean {
  const year = new Date(milliseconds).getUTCFullYear()
  const offsets = [0, 6].map((month) => offsetOf(zone, Date.UTC(year, month, 1)))
  return offsetOf(zone, milliseconds) > Math.min(...offsets)
}

function offsetOf(zone: string, milliseconds: number): number {
  const name =
    formatOf(zone)
      ?.formatToParts(milliseconds)
      .find(({ type }) => type === "timeZoneName")?.value ?? ""
  const [, sign, hours = "0", minutes = "0"] = /([+-])(\d+):?(\d*)/.exec(name) ?? []
  return (sign === "-" ? -1 : 1) * (Number(hours) * 3600 + Number(minutes || 0) * 60)
}

function formatOf(zone: string): Intl.DateTimeFormat | undefined {
  if (!formats.has(zone)) formats.set(zone, createFormat(zone))
  return formats.get(zone)
}

function createFormat(zone: string): Intl.DateTimeFormat | undefined {
  // Go knows names of tzdata only, not offsets, and takes them as they are written there.
  if (!/^[A-Za-z][A-Za-z0-9_+\-/]*$/.test(zone)) return undefined
  try {
    return new Intl.DateTimeFormat("en-US", { timeZone: zone, timeZoneName: "longOffset" })
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}
