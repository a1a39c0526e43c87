import type { Budget } from "../budget.ts"
import { formatValue } from "../format/format-value.ts"
import { textOf } from "../values/go-text.ts"
import { GoInteger, GoList, type GoValue } from "../values/go-value.ts"

/** sprig's `strval`: bytes are a text. */
export function textOfValue(budget: Budget, value: GoValue): string {
  if (!(value instanceof GoList) || value.type !== "[]uint8") return formatValue(budget, value)
  return textOf(Uint8Array.from(value.items, (item) => (item instanceof GoInteger ? Number(item.value) : 0)))
}

/** sprig's `strslice`: the texts of a list without its nils; of anything else one text, of nil none. */
export function textsOfValue(budget: Budget, value: GoValue): string[] {
  if (!(value instanceof GoList)) return value === null ? [] : [textOfValue(budget, value)]
  budget.spend(value.items.length)
  return value.items.flatMap((item) => (item === null ? [] : [textOfValue(budget, item)]))
}
