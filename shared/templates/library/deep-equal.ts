import type { Budget } from "../budget.ts"
import { LimitReached } from "../template-mistake.ts"
import { GoInteger, GoList, GoMap, GoStruct, GoTime, type GoValue, GoVersion } from "../values/go-value.ts"
import { typeOf } from "../values/type-of.ts"
import { versionText } from "./version-text.ts"

const maxDepth = 100

/** Go's `reflect.DeepEqual`: types count, so `1` and an int64 of one are not equal; neither are nil and empty lists. */
export function isDeepEqual(budget: Budget, left: GoValue, right: GoValue, depth = 0): boolean {
  budget.spend(1)
  if (depth > maxDepth) throw new LimitReached("values that are nested too deeply cannot be compared")
  if (left === right) return typeof left !== "number" || !Number.isNaN(left)
  if (left === null || right === null || typeOf(left) !== typeOf(right)) return false
  if (left instanceof GoInteger && right instanceof GoInteger) return left.value === right.value
  if (left instanceof GoList && right instanceof GoList) {
    if (left.isNil !== right.isNil || left.items.length !== right.items.length) return false
    return left.items.every((item, index) => isDeepEqual(budget, item, right.items[index] ?? null, depth + 1))
  }
  if (left instanceof GoMap && right instanceof GoMap) {
    if (left.isNil !== right.isNil || left.entries.size !== right.entries.size) return false
    return [...left.entries].every(([key, value]) => {
      return right.entries.has(key) && isDeepEqual(budget, value, right.entries.get(key) ?? null, depth + 1)
    })
  }
  if (left instanceof GoTime && right instanceof GoTime) {
    return left.nanoseconds === right.nanoseconds && JSON.stringify(left.zone) === JSON.stringify(right.zone)
  }
  if (left instanceof GoStruct && right instanceof GoStruct) {
    return [...left.fields].every(([name, field]) => right.fields.get(name) === field)
  }
  if (left instanceof GoVersion && right instanceof GoVersion) {
    return versionText(left) === versionText(right) && left.original === right.original
  }
  return false
}
