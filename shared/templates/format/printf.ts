import type { Budget } from "../budget.ts"
import type { GoValue } from "../values/go-value.ts"
import { typeOf } from "../values/type-of.ts"
import { type FormatOptions, pad, plainOptions } from "./format-options.ts"
import { formatArgument, formatValue } from "./format-value.ts"

// As in Go: more is a mistake in the format, not a wish.
const maxNumber = 1_000_000

/** Go's `fmt.Sprintf`. A wrong format is no error: the text says what is wrong, as Go's does. */
export function sprintf(budget: Budget, format: string, values: readonly GoValue[]): string {
  let text = ""
  let at = 0
  let next = 0
  let isReordered = false
  while (at < format.length) {
    const percent = format.indexOf("%", at)
    text += format.slice(at, percent < 0 ? format.length : percent)
    if (percent < 0) break
    const directive = readDirective(format, percent + 1)
    at = directive.end
    const { options, problems, index } = apply(budget, directive, values, next)
    next = index
    isReordered ||= directive.isReordered
    text += problems + formatDirective(options, directive, values, next)
    if (directive.verb !== "%" && directive.verb !== "" && !directive.isBadIndex && next < values.length) next++
    budget.reserve(text.length)
  }
  if (!isReordered && next < values.length) {
    const extra = values
      .slice(next)
      .map((value) => (value === null ? "<nil>" : `${typeOf(value)}=${formatValue(budget, value)}`))
    text += `%!(EXTRA ${extra.join(", ")})`
  }
  return text
}

/** Go's `fmt.Sprint`: blanks only between operands of which neither is a text. */
export function sprint(budget: Budget, values: readonly GoValue[]): string {
  let text = ""
  values.forEach((value, index) => {
    const isBetween = index > 0 && typeof value !== "string" && typeof values[index - 1] !== "string"
    text += (isBetween ? " " : "") + formatValue(budget, value)
    budget.reserve(text.length)
  })
  return text
}

/** Go's `fmt.Sprintln`. */
export function sprintln(budget: Budget, values: readonly GoValue[]): string {
  let text = ""
  values.forEach((value, index) => {
    text += (index === 0 ? "" : " ") + formatValue(budget, value)
    budget.reserve(text.length)
  })
  return `${text}\n`
}

type Directive = {
  flags: string
  /** `*` takes it from the arguments; an index in brackets before it. */
  width: { number: string; argument: number | undefined }
  precision: { number: string; argument: number | undefined } | undefined
  argument: number | undefined
  verb: string
  end: number
  isReordered: boolean
  isBadIndex: boolean
}

function readDirective(format: string, start: number): Directive {
  const pattern =
    /([#0+\- ]*)(\[[^\]]*\])?(\*|[0-9]+)?(\[[^\]]*\])?(?:(\.)(\[[^\]]*\])?(\*|[0-9]*))?(\[[^\]]*\])?([\s\S]?)/uy
  pattern.lastIndex = start
  const found = pattern.exec(format)
  const [whole = "", flags = "", first, number, second, dot, third, decimals = "", fourth, verb = ""] = found ?? []
  const isStar = number === "*"
  const brackets = [first, second, third, fourth].filter((bracket) => bracket !== undefined)
  return {
    flags,
    width: { number: number ?? "", argument: isStar ? indexIn(first) : undefined },
    precision: dot === undefined ? undefined : { number: decimals, argument: indexIn(third) },
    argument: indexIn(fourth ?? (dot === undefined ? (second ?? (isStar ? undefined : first)) : undefined)),
    verb,
    end: start + whole.length,
    isReordered: brackets.length > 0,
    isBadIndex:
      brackets.some((bracket) => indexIn(bracket) === undefined) ||
      (first !== undefined && number !== undefined && !isStar),
  }
}

function indexIn(bracket: string | undefined): number | undefined {
  const number = /^\[([0-9]+)\]$/.exec(bracket ?? "")?.[1]
  return number === undefined || Number(number) < 1 || Number(number) > maxNumber ? undefined : Number(number) - 1
}

function apply(budget: Budget, directive: Directive, values: readonly GoValue[], start: number) {
  let index = start
  let problems = ""
  const options = plainOptions(budget)
  options.isSharp = directive.flags.includes("#")
  options.isZero = directive.flags.includes("0")
  options.isPlus = directive.flags.includes("+")
  options.isMinus = directive.flags.includes("-")
  options.isSpace = directive.flags.includes(" ")

  function read(number: string, argument: number | undefined, note: string): number | undefined {
    if (number !== "*") return number === "" || Number(number) > maxNumber ? undefined : Number(number)
    index = argument ?? index
    const value = values[index]
    if (index < values.length) index++
    if (typeof value === "bigint" && value >= -maxNumber && value <= maxNumber) return Number(value)
    problems += note
    return undefined
  }

  const width = read(directive.width.number, directive.width.argument, "%!(BADWIDTH)")
  if (width !== undefined) {
    options.width = Math.abs(width)
    if (width < 0) options.isMinus = true
  }
  if (directive.precision !== undefined) {
    const { number, argument } = directive.precision
    const precision = read(number === "" ? "0" : number, argument, "%!(BADPREC)")
    if (precision !== undefined && precision < 0) problems += "%!(BADPREC)"
    else if (precision !== undefined) options.precision = precision
  }
  index = directive.argument ?? index
  return { options, problems, index }
}

function formatDirective(
  options: FormatOptions,
  { verb, isBadIndex }: Directive,
  values: readonly GoValue[],
  index: number,
): string {
  if (verb === "") return "%!(NOVERB)"
  if (verb === "%") return "%"
  if (isBadIndex) return `%!${verb}(BADINDEX)`
  const value = values[index]
  if (value === undefined) return `%!${verb}(MISSING)`
  if (verb === "T") return pad(options, typeOf(value))
  if (verb === "w") return value === null ? "%!w(<nil>)" : `%!w(${typeOf(value)}=${formatValue(options.budget, value)})`
  if (verb === "v") {
    options.isSource = options.isSharp
    options.hasNames = options.isPlus
    options.isSharp = false
    options.isPlus = false
  }
  return formatArgument(options, value, verb)
}
