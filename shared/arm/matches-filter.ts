import type { Filter, FilterValue } from "./odata-filter.ts"

/** Values of one resource by lower-case field name. Instants are ISO texts; they compare as instants. */
export type FilterFields = Record<string, FilterValue | undefined>

/** Evaluates a filter. Texts compare without case (enums and names do in ARM); a missing value equals null only. */
export function matchesFilter(filter: Filter, fields: FilterFields): boolean {
  switch (filter.type) {
    case "and":
      return matchesFilter(filter.left, fields) && matchesFilter(filter.right, fields)
    case "or":
      return matchesFilter(filter.left, fields) || matchesFilter(filter.right, fields)
    case "contains":
      return String(fields[filter.field] ?? "")
        .toLowerCase()
        .includes(filter.text.toLowerCase())
    case "compare": {
      const order = compare(fields[filter.field] ?? null, filter.value)
      if (order === undefined) return filter.operator === "ne"
      return { eq: order === 0, ne: order !== 0, gt: order > 0, ge: order >= 0, lt: order < 0, le: order <= 0 }[
        filter.operator
      ]
    }
  }
}

/** Undefined when the two have no order: one is null, or their kinds differ. */
function compare(left: FilterValue, right: FilterValue): number | undefined {
  if (left === null || right === null) return left === right ? 0 : undefined
  if (typeof left === "boolean" || typeof right === "boolean") {
    return String(left).toLowerCase() === String(right).toLowerCase() ? 0 : undefined
  }
  const leftAt = instant(left)
  const rightAt = instant(right)
  if (leftAt !== undefined && rightAt !== undefined) return leftAt - rightAt
  const a = String(left).toLowerCase()
  const b = String(right).toLowerCase()
  if (a === b) return 0
  return a < b ? -1 : 1
}

function instant(value: string | number): number | undefined {
  if (typeof value === "number") return value
  if (!/^\d{4}-\d\d-\d\d(T|$)/.test(value)) return undefined
  const at = Date.parse(value)
  return Number.isNaN(at) ? undefined : at
}
