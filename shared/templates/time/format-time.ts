import type { GoTime } from "../values/go-value.ts"
import { readLayout } from "./layout.ts"
import { zoneAt } from "./zone.ts"

const months = "January February March April May June July August September October November December".split(" ")
const days = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday".split(" ")

/** An instant as its zone's clocks and calendars show it. */
export type Wall = {
  year: number
  month: number
  day: number
  hour: number
  minute: number
  second: number
  nanosecond: number
  weekday: number
  yearDay: number
  zoneName: string
  offsetSeconds: number
}

/** English name of a month, 1 to 12. */
export function monthName(month: number): string {
  return months[month - 1] ?? ""
}

/** English name of a weekday; 0 is Sunday. */
export function weekdayName(weekday: number): string {
  return days[weekday] ?? ""
}

/** Splits an instant by its zone. */
export function wallOf({ nanoseconds, zone }: GoTime): Wall {
  const nanosecond = Number(((nanoseconds % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n)
  const seconds = Number((nanoseconds - BigInt(nanosecond)) / 1_000_000_000n)
  const { name, offsetSeconds } = zoneAt(zone, seconds * 1000)
  const local = new Date((seconds + offsetSeconds) * 1000)
  const year = local.getUTCFullYear()
  const newYear = new Date(0)
  newYear.setUTCFullYear(year, 0, 1)
  return {
    year,
    month: local.getUTCMonth() + 1,
    day: local.getUTCDate(),
    hour: local.getUTCHours(),
    minute: local.getUTCMinutes(),
    second: local.getUTCSeconds(),
    nanosecond,
    weekday: local.getUTCDay(),
    yearDay: Math.floor((local.getTime() - newYear.getTime()) / 86_400_000) + 1,
    zoneName: name,
    offsetSeconds,
  }
}

/** Go's `Time.Format`. */
export function formatGoTime(time: GoTime, layout: string): string {
  const wall = wallOf(time)
  return readLayout(layout)
    .map(({ text, element }) => (element === undefined ? text : show(wall, element)))
    .join("")
}

function show(wall: Wall, element: string): string {
  const hour12 = wall.hour % 12 === 0 ? 12 : wall.hour % 12
  switch (element) {
    case "2006":
      return wall.year < 0 ? `-${String(-wall.year).padStart(4, "0")}` : String(wall.year).padStart(4, "0")
    case "06":
      return two(Math.abs(wall.year) % 100)
    case "January":
      return monthName(wall.month)
    case "Jan":
      return monthName(wall.month).slice(0, 3)
    case "1":
      return String(wall.month)
    case "01":
      return two(wall.month)
    case "Monday":
      return weekdayName(wall.weekday)
    case "Mon":
      return weekdayName(wall.weekday).slice(0, 3)
    case "2":
      return String(wall.day)
    case "_2":
      return String(wall.day).padStart(2)
    case "02":
      return two(wall.day)
    case "__2":
      return String(wall.yearDay).padStart(3)
    case "002":
      return String(wall.yearDay).padStart(3, "0")
    case "15":
      return two(wall.hour)
    case "3":
      return String(hour12)
    case "03":
      return two(hour12)
    case "4":
      return String(wall.minute)
    case "04":
      return two(wall.minute)
    case "5":
      return String(wall.second)
    case "05":
      return two(wall.second)
    case "PM":
      return wall.hour >= 12 ? "PM" : "AM"
    case "pm":
      return wall.hour >= 12 ? "pm" : "am"
    case "MST":
      return wall.zoneName === "" ? offset(wall, "-0700") : wall.zoneName
    default:
      return /^[.,]/.test(element) ? fraction(wall, element) : offset(wall, element)
  }
}

/** `.000` shows all digits, `.999` drops zeros at the end and the point with them. */
function fraction({ nanosecond }: Wall, element: string): string {
  const digits = String(nanosecond)
    .padStart(9, "0")
    .slice(0, element.length - 1)
    .padEnd(element.length - 1, "0")
  const shown = element.charAt(1) === "9" ? digits.replace(/0+$/, "") : digits
  return shown === "" ? "" : element.charAt(0) + shown
}

function offset({ offsetSeconds }: Wall, element: string): string {
  if (element.startsWith("Z") && offsetSeconds === 0) return "Z"
  const seconds = Math.abs(offsetSeconds)
  const colon = element.includes(":") ? ":" : ""
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60].map(two)
  const count = Math.ceil(element.replace(/[^0-9]/g, "").length / 2)
  return (offsetSeconds < 0 ? "-" : "+") + parts.slice(0, count).join(colon)
}

function two(number: number): string {
  return String(number).padStart(2, "0")
}
