import { sprint, sprintf, sprintln } from "../format/printf.ts"
import { FunctionMistake } from "../template-mistake.ts"
import { byteLength, bytesOf } from "../values/go-text.ts"
import { GoInteger, GoList, GoMap, type GoValue, integerIn } from "../values/go-value.ts"
import { isTrue, typeOf } from "../values/type-of.ts"
import { isEqual, isLess } from "./compare-values.ts"
import { type CallContext, define, defineWith, type FunctionTable } from "./define-function.ts"
import { escapeHtml, escapeJs, escapeQuery } from "./escape-text.ts"

/** The functions of Go's templates themselves (text/template, "Functions"). `slice` is sprig's. */
export const builtinFunctions: FunctionTable = {
  // The evaluator does these three itself: the first two stop early, the third has nothing to call.
  and: define("func(reflect.Value, ...reflect.Value) reflect.Value", (first) => first),
  or: define("func(reflect.Value, ...reflect.Value) reflect.Value", (first) => first),
  call: define("func(reflect.Value, ...reflect.Value) reflect.Value", (first) => first),
  not: define("func(reflect.Value) bool", (value) => !isTrue(value)),
  eq: defineWith("func(reflect.Value, ...reflect.Value) bool", ({ budget }, first, ...others) =>
    isEqual(budget, first, others),
  ),
  ne: defineWith(
    "func(reflect.Value, reflect.Value) bool",
    ({ budget }, left, right) => !isEqual(budget, left, [right]),
  ),
  lt: define("func(reflect.Value, reflect.Value) bool", isLess),
  le: defineWith(
    "func(reflect.Value, reflect.Value) bool",
    ({ budget }, left, right) => isLess(left, right) || isEqual(budget, left, [right]),
  ),
  gt: defineWith(
    "func(reflect.Value, reflect.Value) bool",
    ({ budget }, left, right) => !(isLess(left, right) || isEqual(budget, left, [right])),
  ),
  ge: define("func(reflect.Value, reflect.Value) bool", (left, right) => !isLess(left, right)),
  len: define("func(reflect.Value) int", lengthOf),
  index: define("func(reflect.Value, ...reflect.Value) reflect.Value", (value, ...keys) => elementOf(value, keys)),
  print: defineWith("func(...interface {}) string", (context, ...values) => sprint(context.budget, values)),
  printf: defineWith("func(string, ...interface {}) string", (context, format, ...values) =>
    sprintf(context.budget, format, values),
  ),
  println: defineWith("func(...interface {}) string", (context, ...values) => sprintln(context.budget, values)),
  html: defineWith("func(...interface {}) string", (context, ...values) => escapeHtml(textIn(context, values))),
  js: defineWith("func(...interface {}) string", (context, ...values) => escapeJs(textIn(context, values))),
  urlquery: defineWith("func(...interface {}) string", (context, ...values) => escapeQuery(textIn(context, values))),
}

function lengthOf(value: GoValue): bigint {
  if (typeof value === "string") return BigInt(byteLength(value))
  if (value instanceof GoList) return BigInt(value.items.length)
  if (value instanceof GoMap) return BigInt(value.entries.size)
  throw new FunctionMistake(value === null ? "len of nil pointer" : `len of type ${typeOf(value)}`)
}

function elementOf(value: GoValue, keys: readonly GoValue[]): GoValue {
  if (value === null) throw new FunctionMistake("index of untyped nil")
  let element: GoValue = value
  for (const key of keys) {
    if (element === null) throw new FunctionMistake("index of nil pointer")
    if (element instanceof GoMap) {
      if (typeof key !== "string") {
        throw new FunctionMistake(
          key === null ? "value is nil; should be of type string" : `value has type ${typeOf(key)}; should be string`,
        )
      }
      element = element.entries.get(key) ?? (element.type === "map[string]string" ? "" : null)
    } else if (element instanceof GoList) {
      element = element.items[positionOf(key, element.items.length, "slice")] ?? null
    } else if (typeof element === "string") {
      const bytes: Uint8Array = bytesOf(element)
      element = new GoInteger("uint8", BigInt(bytes[positionOf(key, bytes.length, "string")] ?? 0))
    } else throw new FunctionMistake(`can't index item of type ${typeOf(element)}`)
  }
  return element
}

function positionOf(key: GoValue, length: number, kind: "slice" | "string"): number {
  const position = integerIn(key)
  if (position === undefined) {
    throw new FunctionMistake(`cannot index slice/array with ${key === null ? "nil" : `type ${typeOf(key)}`}`)
  }
  if (position < 0n || position > BigInt(length)) throw new FunctionMistake(`index out of range: ${position}`)
  // Go lets the length itself pass and fails a step later.
  if (position === BigInt(length)) throw new FunctionMistake(`reflect: ${kind} index out of range`)
  return Number(position)
}

function textIn({ budget }: CallContext, values: readonly GoValue[]): string {
  const shown = values.map((value) => (value === null ? "<no value>" : value))
  return sprint(budget, shown)
}
