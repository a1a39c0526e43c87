import { FunctionMistake, LimitReached } from "../template-mistake.ts"
import { GoList, GoMap, type GoValue } from "../values/go-value.ts"
import { isEmpty, kindOf, typeOf } from "../values/type-of.ts"
import { isDeepEqual } from "./deep-equal.ts"
import { type CallContext, define, defineWith, type FunctionTable } from "./define-function.ts"
import { goJson } from "./go-json.ts"

const maxDepth = 100

/** sprig 2.22's functions on any value: defaults, conditions, types, JSON. */
export const defaultFunctions: FunctionTable = {
  coalesce: define(
    "func(...interface {}) interface {}",
    (...values) => values.find((value) => !isEmpty(value)) ?? null,
  ),
  deepCopy: defineWith("func(interface {}) interface {}", (context, value) => {
    if (value === null) throw new FunctionMistake("reflect: call of reflect.Value.Type on zero Value")
    return deepCopy(context, value, 0)
  }),
  deepEqual: defineWith("func(interface {}, interface {}) bool", ({ budget }, left, right) =>
    isDeepEqual(budget, left, right),
  ),
  default: define("func(interface {}, ...interface {}) interface {}", (fallback, ...given) =>
    isEmpty(given[0]) ? fallback : (given[0] ?? null),
  ),
  empty: define("func(interface {}) bool", isEmpty),
  fail: define("func(string) (string, error)", (message) => {
    throw new FunctionMistake(message)
  }),
  kindIs: define("func(string, interface {}) bool", (kind, value) => kind === kindOf(value)),
  kindOf: define("func(interface {}) string", kindOf),
  ternary: define("func(interface {}, interface {}, bool) interface {}", (yes, no, condition) =>
    condition ? yes : no,
  ),
  toJson: defineWith("func(interface {}) string", ({ budget }, value) => goJson(budget, value) ?? ""),
  toPrettyJson: defineWith("func(interface {}) string", ({ budget }, value) => goJson(budget, value, "  ") ?? ""),
  typeIs: define("func(string, interface {}) bool", (type, value) => type === typeOf(value)),
  typeIsLike: define(
    "func(string, interface {}) bool",
    (type, value) => type === typeOf(value) || `*${type}` === typeOf(value),
  ),
  typeOf: define("func(interface {}) string", typeOf),
}

function deepCopy(context: CallContext, value: GoValue, depth: number): GoValue {
  context.budget.spend(8)
  if (depth > maxDepth) throw new LimitReached("values that are nested too deeply cannot be copied")
  if (value instanceof GoList) {
    return new GoList(
      value.type,
      value.items.map((item) => deepCopy(context, item, depth + 1)),
      value.isNil,
    )
  }
  if (!(value instanceof GoMap)) return value
  const entries = [...value.entries].map(([key, entry]): [string, GoValue] => [
    key,
    deepCopy(context, entry, depth + 1),
  ])
  return new GoMap(value.type, new Map(entries), value.isNil)
}
