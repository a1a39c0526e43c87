import type { Budget } from "../budget.ts"
import { formatValue } from "../format/format-value.ts"
import { FunctionMistake } from "../template-mistake.ts"
import { compareTexts } from "../values/go-text.ts"
import { GoInteger, GoList, GoMap, GoStruct, GoTime, type GoValue, GoVersion, integerIn } from "../values/go-value.ts"
import { kindOf, typeOf } from "../values/type-of.ts"

type Basic = "bool" | "int" | "uint" | "float" | "string" | undefined

/** Go's `eq`: the first against any of the others. Types must be of one kind; maps and lists compare only with nil. */
export function isEqual(budget: Budget, first: GoValue, others: readonly GoValue[]): boolean {
  if (others.length === 0) throw new FunctionMistake("missing argument for comparison")
  return others.some((other) => isEqualTo(budget, first, other))
}

/** Go's `lt`. */
export function isLess(left: GoValue, right: GoValue): boolean {
  const kinds = [left, right].map(basicOf)
  if (kinds.includes(undefined)) throw new FunctionMistake("invalid type for comparison")
  const numbers = [integerIn(left), integerIn(right)]
  if (numbers[0] !== undefined && numbers[1] !== undefined) return numbers[0] < numbers[1]
  if (kinds[0] !== kinds[1]) throw incompatible(left, right)
  if (typeof left === "number" && typeof right === "number") return left < right
  if (typeof left === "string" && typeof right === "string") return compareTexts(left, right) < 0
  throw new FunctionMistake("invalid type for comparison")
}

function isEqualTo(budget: Budget, left: GoValue, right: GoValue): boolean {
  const kinds = [basicOf(left), basicOf(right)]
  const integers = [integerIn(left), integerIn(right)]
  if (integers[0] !== undefined && integers[1] !== undefined) return integers[0] === integers[1]
  if (kinds[0] !== kinds[1]) {
    if (left !== null && right !== null) throw incompatible(left, right)
    return false
  }
  if (kinds[0] !== undefined) return left === right
  if (left !== null && right !== null && kindOf(left) !== kindOf(right)) {
    throw new FunctionMistake(
      `non-comparable types ${formatValue(budget, left)}: ${typeOf(left)}, ${typeOf(right)}: ${formatValue(budget, right)}`,
    )
  }
  if (isNil(left) || isNil(right)) return isNil(left) === isNil(right)
  if (left instanceof GoTime && right instanceof GoTime) return left.nanoseconds === right.nanoseconds
  if (left instanceof GoStruct && right instanceof GoStruct) {
    return [...left.fields].every(([name, field]) => right.fields.get(name) === field)
  }
  if (left instanceof GoVersion) return left === right
  throw new FunctionMistake(`non-comparable type ${formatValue(budget, right)}: ${typeOf(right)}`)
}

function incompatible(left: GoValue, right: GoValue): FunctionMistake {
  return new FunctionMistake(`incompatible types for comparison: ${typeOf(left)} and ${typeOf(right)}`)
}

function isNil(value: GoValue): boolean {
  return value === null || ((value instanceof GoList || value instanceof GoMap) && value.isNil)
}

function basicOf(value: GoValue): Basic {
  if (typeof value === "boolean") return "bool"
  if (typeof value === "string") return "string"
  if (typeof value === "number") return "float"
  if (typeof value === "bigint") return "int"
  if (value instanceof GoInteger) return value.type.startsWith("u") ? "uint" : "int"
  return undefined
}
