import { FunctionMistake } from "../template-mistake.ts"
import { GoList, type GoValue } from "../values/go-value.ts"
import { isEmpty, kindOf } from "../values/type-of.ts"
import { isDeepEqual } from "./deep-equal.ts"
import { type CallContext, define, defineWith, type FunctionTable } from "./define-function.ts"
import { toInt64 } from "./to-number.ts"

const list = define("func(...interface {}) []interface {}", (...values) => values)
const push = defineWith("func(interface {}, interface {}) []interface {}", (context, value, item) => [
  ...itemsOf(value, "Cannot push on type", context),
  item,
])

// An item costs as much as a text of that length.
const itemCost = 16

/** sprig 2.22's functions on lists. None changes its argument. */
export const listFunctions: FunctionTable = {
  append: push,
  compact: define("func(interface {}) []interface {}", (value) =>
    itemsOf(value, "Cannot compact on type").filter((item) => !isEmpty(item)),
  ),
  concat: defineWith("func(...interface {}) interface {}", (context, ...values) => {
    const items = values.flatMap((value) => itemsOf(value, (kind) => `Cannot concat type ${kind} as list`, context))
    return new GoList("[]interface {}", items, items.length === 0)
  }),
  first: define("func(interface {}) interface {}", (value) => itemsOf(value, "Cannot find first on type")[0] ?? null),
  has: defineWith("func(interface {}, interface {}) bool", (context, needle, value) =>
    value === null ? false : isIn(context, needle, itemsOf(value, "Cannot find has on type")),
  ),
  initial: define("func(interface {}) []interface {}", (value) => {
    const items = itemsOf(value, "Cannot find initial on type")
    return items.length === 0 ? undefined : items.slice(0, -1)
  }),
  last: define("func(interface {}) interface {}", (value) => itemsOf(value, "Cannot find last on type").at(-1) ?? null),
  list,
  prepend: defineWith("func(interface {}, interface {}) []interface {}", (context, value, item) => [
    item,
    ...itemsOf(value, "Cannot prepend on type", context),
  ]),
  push,
  rest: define("func(interface {}) []interface {}", (value) => {
    const items = itemsOf(value, "Cannot find rest on type")
    return items.length === 0 ? undefined : items.slice(1)
  }),
  reverse: define("func(interface {}) []interface {}", (value) =>
    itemsOf(value, "Cannot find reverse on type").toReversed(),
  ),
  slice: define("func(interface {}, ...interface {}) interface {}", (value, ...indices) => slice(value, indices)),
  tuple: list,
  uniq: defineWith("func(interface {}) []interface {}", (context, value) => {
    const found: GoValue[] = []
    for (const item of itemsOf(value, "Cannot find uniq on type")) {
      if (!isIn(context, item, found)) found.push(item)
    }
    return found
  }),
  without: defineWith("func(interface {}, ...interface {}) []interface {}", (context, value, ...omitted) =>
    itemsOf(value, "Cannot find without on type").filter((item) => !isIn(context, item, omitted)),
  ),
}

/** The items of a list; else sprig's panic. A context bounds what is about to be copied. */
function itemsOf(
  value: GoValue,
  problem: string | ((kind: string) => string),
  context?: CallContext,
): readonly GoValue[] {
  if (value === null) throw new FunctionMistake("runtime error: invalid memory address or nil pointer dereference")
  if (!(value instanceof GoList)) {
    const kind = kindOf(value)
    throw new FunctionMistake(typeof problem === "string" ? `${problem} ${kind}` : problem(kind))
  }
  context?.budget.reserve(value.items.length * itemCost)
  return value.items
}

function isIn({ budget }: CallContext, needle: GoValue, items: readonly GoValue[]): boolean {
  return items.some((item) => isDeepEqual(budget, needle, item))
}

function slice(value: GoValue, indices: readonly GoValue[]): GoValue {
  const items = itemsOf(value, (kind) => `list should be type of slice or array but ${kind}`)
  if (items.length === 0 || !(value instanceof GoList)) return null
  const [first, second] = indices
  const start = first === undefined ? 0n : toInt64(first)
  const end = second === undefined ? BigInt(items.length) : toInt64(second)
  if (start < 0n || end < start || end > BigInt(items.length))
    throw new FunctionMistake("reflect.Value.Slice: slice index out of bounds")
  return new GoList(value.type, items.slice(Number(start), Number(end)))
}
