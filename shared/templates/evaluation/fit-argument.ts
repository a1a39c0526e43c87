import type { WordNode } from "../language/node.ts"
import { describeNode } from "../language/node.ts"
import { GoInteger, GoList, GoMap, type GoValue, type Operand } from "../values/go-value.ts"
import { typeOf } from "../values/type-of.ts"
import { failAt, type State } from "./state.ts"

/** Go's `validateType`: the value, when a parameter of that type can hold it. */
export function fitValue(state: State, value: Operand, type: string): GoValue {
  if (isAny(type)) return value ?? null
  if (value === undefined) return nilOf(type) ?? failAt(state, `invalid value; expected ${type}`)
  if (value === null) return failAt(state, `wrong type for value; expected ${type}; got interface {}`)
  const actual = typeOf(value)
  if (actual === type || (actual === "templating.Values" && type === "map[string]interface {}")) return value
  return failAt(state, `wrong type for value; expected ${type}; got ${actual}`)
}

/** A constant as an argument: numbers take the type of the parameter. Anything but a constant is no business of this. */
export function fitConstant(state: State, word: WordNode, type: string): GoValue {
  state.node = word
  if (word.type === "nil") return isAny(type) ? null : (nilOf(type) ?? failAt(state, `cannot assign nil to ${type}`))
  const found = describeNode(word)
  switch (type) {
    case "bool":
      return word.type === "bool" ? word.value : failAt(state, `expected bool; found ${found}`)
    case "string":
      return word.type === "string" ? word.text : failAt(state, `expected string; found ${found}`)
    case "float64":
      if (word.type === "number" && word.constant.float !== undefined) return word.constant.float
      return failAt(state, `expected float; found ${found}`)
    case "int":
    case "int64":
      if (word.type !== "number" || word.constant.int === undefined)
        return failAt(state, `expected integer; found ${found}`)
      return type === "int" ? word.constant.int : new GoInteger(type, word.constant.int)
    case "uint32":
      if (word.type !== "number" || word.constant.uint === undefined) {
        return failAt(state, `expected unsigned integer; found ${found}`)
      }
      return BigInt.asUintN(32, word.constant.uint)
    default:
      return isAny(type) ? constantOf(state, word) : failAt(state, `can't handle ${found} for arg of type ${type}`)
  }
}

/** A constant by itself: whole numbers are ints, others floats (Go's `idealConstant`). */
export function constantOf(state: State, word: WordNode): GoValue {
  state.node = word
  if (word.type === "bool") return word.value
  if (word.type === "string") return word.text
  if (word.type !== "number") return failAt(state, `can't evaluate command "${describeNode(word)}"`)
  const { text, int, float } = word.constant
  const isFloat = /[.eEpP]/.test(text) && !text.startsWith("'") && !(/^0[xX]/.test(text) && !/[pP]/.test(text))
  if (isFloat && float !== undefined) return float
  return int ?? failAt(state, `${text} overflows int`)
}

function isAny(type: string): boolean {
  return type === "interface {}" || type === "reflect.Value"
}

function nilOf(type: string): GoValue | undefined {
  if (type === "[]interface {}") return new GoList(type, [], true)
  if (type === "map[string]interface {}") return new GoMap(type, new Map(), true)
  return undefined
}
