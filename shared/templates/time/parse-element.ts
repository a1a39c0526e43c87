import { monthName, weekdayName } from "./format-time.ts"

/** What has been read of a text, and what is left of it. */
export type Fields = {
  rest: string
  year?: number
  month?: number
  day?: number
  yearDay?: number
  hour?: number
  minute?: number
  second?: number
  nanosecond?: number
  isAfternoon?: boolean
  isUtc?: boolean
  offset?: number
  zoneName?: string
}
type Parser = (fields: Fields) => boolean

/** The reader of one layout element. Seconds take a fraction along when the layout does not ask for one. */
export function parsers(element: string, isFractionNext: boolean): Parser {
  switch (element) {
    case "2006":
      return number(/^[0-9]{4}/, (fields, value) => set(fields, "year", value, 0, 9999))
    case "06":
      return number(/^[0-9]{2}/, (fields, value) => set(fields, "year", value + (value >= 69 ? 1900 : 2000), 0, 9999))
    case "January":
    case "Jan":
      return (fields) =>
        takeName(
          fields,
          element === "Jan",
          12,
          (index) => monthName(index + 1),
          (index) => (fields.month = index + 1),
        )
    case "Monday":
    case "Mon":
      return (fields) => takeName(fields, element === "Mon", 7, weekdayName, () => undefined)
    case "1":
    case "01":
      return number(digits(element === "01"), (fields, value) => set(fields, "month", value, 1, 12))
    case "2":
    case "_2":
    case "02":
      return (fields) => {
        if (element === "_2") fields.rest = fields.rest.replace(/^ /, "")
        return number(digits(element === "02"), (read, value) => set(read, "day", value, 0, 99))(fields)
      }
    case "__2":
    case "002":
      return (fields) => {
        if (element === "__2") fields.rest = fields.rest.replace(/^ {1,2}/, (blanks) => "0".repeat(blanks.length))
        return number(/^[0-9]{3}/, (read, value) => set(read, "yearDay", value, 0, 999))(fields)
      }
    case "15":
      return number(digits(false), (fields, value) => set(fields, "hour", value, 0, 23))
    case "3":
    case "03":
      return number(digits(element === "03"), (fields, value) => set(fields, "hour", value, 0, 12))
    case "4":
    case "04":
      return number(digits(element === "04"), (fields, value) => set(fields, "minute", value, 0, 59))
    case "5":
    case "05":
      return (fields) => {
        const isRead = number(digits(element === "05"), (read, value) => set(read, "second", value, 0, 59))(fields)
        return isRead && (isFractionNext || takeFraction(fields, /^[.,][0-9]+/, true))
      }
    case "PM":
    case "pm":
      return (fields) => {
        const found = fields.rest.slice(0, 2)
        if (found !== element && found !== (element === "PM" ? "AM" : "am")) return false
        fields.isAfternoon = found === element
        fields.rest = fields.rest.slice(2)
        return true
      }
    case "MST":
      return takeZoneName
    default: {
      if (!/^[.,]/.test(element)) return (fields) => takeOffset(fields, element)
      const isFixed = element.charAt(1) === "0"
      const pattern = isFixed ? new RegExp(`^[.,][0-9]{${element.length - 1}}`) : /^[.,][0-9]+/
      return (fields) => takeFraction(fields, pattern, !isFixed)
    }
  }
}

function digits(isTwo: boolean): RegExp {
  return isTwo ? /^[0-9]{2}/ : /^[0-9]{1,2}/
}

function number(pattern: RegExp, use: (fields: Fields, value: number) => boolean): Parser {
  return (fields) => {
    const found = pattern.exec(fields.rest)?.[0]
    if (found === undefined) return false
    fields.rest = fields.rest.slice(found.length)
    return use(fields, Number(found))
  }
}

function set(
  fields: Fields,
  name: "year" | "month" | "day" | "yearDay" | "hour" | "minute" | "second",
  value: number,
  least: number,
  most: number,
): boolean {
  fields[name] = value
  return value >= least && value <= most
}

function takeName(
  fields: Fields,
  isShort: boolean,
  count: number,
  nameOf: (index: number) => string,
  use: (index: number) => unknown,
): boolean {
  for (let index = 0; index < count; index++) {
    const name = isShort ? nameOf(index).slice(0, 3) : nameOf(index)
    if (fields.rest.slice(0, name.length).toLowerCase() !== name.toLowerCase()) continue
    fields.rest = fields.rest.slice(name.length)
    use(index)
    return true
  }
  return false
}

function takeFraction(fields: Fields, pattern: RegExp, isOptional: boolean): boolean {
  const found = pattern.exec(fields.rest)?.[0]
  if (found === undefined) return isOptional
  fields.nanosecond = Number(found.slice(1, 10).padEnd(9, "0"))
  fields.rest = fields.rest.slice(found.length)
  return true
}

function takeOffset(fields: Fields, element: string): boolean {
  if (element.startsWith("Z") && fields.rest.startsWith("Z")) {
    fields.rest = fields.rest.slice(1)
    fields.isUtc = true
    return true
  }
  const colon = element.includes(":") ? ":" : ""
  const count = Math.ceil(element.replace(/[^0-9]/g, "").length / 2)
  const two = "([0-9]{2})"
  const found = new RegExp(`^([+-])${[two, two, two].slice(0, count).join(colon)}`).exec(fields.rest)
  if (found === null) return false
  const [whole, sign, hours = "0", minutes = "0", seconds = "0"] = found
  if (Number(hours) > 24 || Number(minutes) > 60 || Number(seconds) > 60) return false
  const offset = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)
  fields.offset = sign === "-" ? -offset : offset
  fields.rest = fields.rest.slice(whole.length)
  return true
}

/** Three or four capitals (five for `ChST` and `MeST`-like ones), `GMT+3`, or an offset that stands for a name. */
function takeZoneName(fields: Fields): boolean {
  const found =
    /^UTC/.exec(fields.rest)?.[0] ??
    /^(?:ChST|MeST)/.exec(fields.rest)?.[0] ??
    /^GMT(?:[+-](?:[0-9]|1[0-9]|2[0-3])(?![0-9]))?/.exec(fields.rest)?.[0] ??
    /^[+-](?:[0-9]|1[0-9]|2[0-3])(?![0-9])/.exec(fields.rest)?.[0] ??
    /^(?:[A-Z]{4}T(?![A-Z])|WITA(?![A-Z])|[A-Z]{3}T(?![A-Z])|[A-Z]{3}(?![A-Z]))/.exec(fields.rest)?.[0]
  if (found === undefined) return false
  fields.zoneName = found
  fields.rest = fields.rest.slice(found.length)
  return true
}
