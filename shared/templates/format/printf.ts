import type { Budget } from "../budget.ts"
import type { GoValue } from "../values/go-value.ts"
import { typeOf } from "../values/type-of.ts"
import { pad } from "./format-options.ts"
import { formatArgument, formatValue } from "./format-value.ts"
import { type Directive, readDirective } from "./read-directive.ts"

/** Go's `fmt.Sprintf`. A wrong format is no error: the text says what is wrong, as Go's does. */
export function sprintf(budget: Budget, format: string, values: readonly GoValue[]): string {
  let text = ""
  let at = 0
  let next = 0
  let isReordered = false
  for (let percent = format.indexOf("%"); percent >= 0; percent = format.indexOf("%", at)) {
    budget.spend(1)
    const directive = readDirective(budget, format, percent + 1, values, next)
    const { verb, argument, isBadIndex } = directive
    text += format.slice(at, percent) + directive.notes + formatDirective(directive, values)
    budget.check(text.length)
    at = directive.end
    isReordered ||= directive.isReordered
    next = verb !== "" && verb !== "%" && !isBadIndex && argument < values.length ? argument + 1 : argument
  }
  text += format.slice(at)
  if (isReordered || next >= values.length) return text
  const extra = values.slice(next).map((value) => {
    return value === null ? "<nil>" : `${typeOf(value)}=${formatValue(budget, value)}`
  })
  return `${text}%!(EXTRA ${extra.join(", ")})`
}

/** Go's `fmt.Sprint`: blanks only between operands of which neither is a text. */
export function sprint(budget: Budget, values: readonly GoValue[]): string {
  let text = ""
  values.forEach((value, index) => {
    const isBetween = index > 0 && typeof value !== "string" && typeof values[index - 1] !== "string"
    text += (isBetween ? " " : "") + formatValue(budget, value)
    budget.check(text.length)
  })
  return text
}

/** Go's `fmt.Sprintln`. */
export function sprintln(budget: Budget, values: readonly GoValue[]): string {
  let text = ""
  values.forEach((value, index) => {
    text += (index === 0 ? "" : " ") + formatValue(budget, value)
    budget.check(text.length)
  })
  return `${text}\n`
}

function formatDirective({ options, verb, argument, isBadIndex }: Directive, values: readonly GoValue[]): string {
  if (verb === "") return "%!(NOVERB)"
  if (verb === "%") return "%"
  if (isBadIndex) return `%!${verb}(BADINDEX)`
  const value = values[argument]
  if (value === undefined) return `%!${verb}(MISSING)`
  if (verb === "T") return pad(options, typeOf(value))
  if (verb === "w") {
    return value === null ? "%!w(<nil>)" : `%!w(${typeOf(value)}=${formatValue(options.budget, value)})`
  }
  if (verb === "v") {
    options.isSource = options.isSharp
    options.hasNames = options.isPlus
    options.isSharp = false
    options.isPlus = false
  }
  return formatArgument(options, value, verb)
}
