import type { Budget } from "../budget.ts"
import { FunctionMistake, LimitReached } from "../template-mistake.ts"
import { GoList, GoMap } from "../values/go-value.ts"
import { isEmpty } from "../values/type-of.ts"

const maxDepth = 100

/**
 * mergo 0.3.13 as sprig uses it: what the target lacks, or has empty, comes from the source; with `isOverwriting` all of the
 * source's scalars and lists do. Maps in both are merged in place. A map of the source never replaces a value that is not empty.
 */
export function mergeMaps(budget: Budget, target: GoMap, source: GoMap, isOverwriting: boolean, depth = 0): void {
  if (depth > maxDepth) throw new LimitReached("maps that are nested too deeply cannot be merged")
  if (target.isNil && source.entries.size > 0) throw new FunctionMistake("assignment to entry in nil map")
  for (const [key, value] of source.entries) {
    budget.spend(1)
    const isKnown = target.entries.has(key)
    const current = target.entries.get(key) ?? null
    if (value === null) {
      if (isOverwriting) target.entries.set(key, value)
    } else if (value instanceof GoMap && current instanceof GoMap && !isEmpty(current)) {
      mergeMaps(budget, current, value, isOverwriting, depth + 1)
    } else if (isEmpty(current) || !isKnown) target.entries.set(key, value)
    else if (isOverwriting && !(value instanceof GoMap)) target.entries.set(key, value)
    else if (value instanceof GoList && target.entries.size === 0) target.entries.set(key, value)
  }
}
