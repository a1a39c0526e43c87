import type { Budget } from "../budget.ts"
import type { GoValue } from "../values/go-value.ts"
import { type FormatOptions, plainOptions } from "./format-options.ts"

// As in Go: more is a mistake in the format, not a wish.
const maxNumber = 1_000_000
const maxIndexLength = 100

/** One `%` directive, read. `argument` is the index of its value, `next` that of the following directive's. */
export type Directive = {
  options: FormatOptions
  /** Go's notes of a wrong width or precision. */
  notes: string
  verb: string
  argument: number
  end: number
  isBadIndex: boolean
  isReordered: boolean
}

/** Reads what follows a `%` (package fmt, `doPrintf`): flags, `[index]`, width, precision, verb. */
export function readDirective(
  budget: Budget,
  format: string,
  start: number,
  values: readonly GoValue[],
  firstArgument: number,
): Directive {
  const options = plainOptions(budget)
  let at = start
  let argument = firstArgument
  let notes = ""
  let isBadIndex = false
  let isReordered = false
  let isAfterIndex = false

  for (; at < format.length && "#0+- ".includes(format.charAt(at)); at++) setFlag(options, format.charAt(at))
  readIndex()
  if (format.charAt(at) === "*") {
    at++
    const width = numberArgument()
    if (width === undefined) notes += "%!(BADWIDTH)"
    else options.width = Math.abs(width)
    if (width !== undefined && width < 0) {
      options.isMinus = true
      options.isZero = false
    }
    isAfterIndex = false
  } else {
    options.width = readNumber()
    if (isAfterIndex && options.width !== undefined) isBadIndex = true
  }
  if (format.charAt(at) === ".") {
    at++
    if (isAfterIndex) isBadIndex = true
    readIndex()
    if (format.charAt(at) === "*") {
      at++
      const precision = numberArgument()
      if (precision === undefined || precision < 0) notes += "%!(BADPREC)"
      else options.precision = precision
      isAfterIndex = false
    } else options.precision = readNumber() ?? 0
  }
  if (!isAfterIndex) readIndex()
  const verb = at < format.length ? String.fromCodePoint(format.codePointAt(at) ?? 0) : ""
  return { options, notes, verb, argument, end: at + verb.length, isBadIndex, isReordered }

  /** Digits; a number that is too large ends the format, as in Go. */
  function readNumber(): number | undefined {
    const digits = /^[0-9]+/.exec(format.slice(at, at + 20))?.[0] ?? ""
    if (digits === "") return undefined
    if (Number(digits.slice(0, -1)) > maxNumber) {
      at = format.length
      return undefined
    }
    at += digits.length
    return Number(digits)
  }

  function readIndex(): void {
    isAfterIndex = false
    if (format.charAt(at) !== "[") return
    isReordered = true
    const width = format.slice(at, at + maxIndexLength).indexOf("]")
    const close = at + width
    if (width < 0) {
      isBadIndex = true
      at++
      return
    }
    const digits = format.slice(at + 1, close)
    const isNumber = /^[0-9]+$/.test(digits) && Number(digits) <= maxNumber
    at = close + 1
    isAfterIndex = isNumber
    if (isNumber && Number(digits) >= 1 && Number(digits) <= values.length) argument = Number(digits) - 1
    else isBadIndex = true
  }

  /** An int among the arguments; anything else is used up as well. */
  function numberArgument(): number | undefined {
    if (argument >= values.length) return undefined
    const value = values[argument++]
    return typeof value === "bigint" && value >= -maxNumber && value <= maxNumber ? Number(value) : undefined
  }
}

function setFlag(options: FormatOptions, flag: string): void {
  if (flag === "#") options.isSharp = true
  else if (flag === "0") options.isZero = true
  else if (flag === "+") options.isPlus = true
  else if (flag === "-") options.isMinus = true
  else options.isSpace = true
}
