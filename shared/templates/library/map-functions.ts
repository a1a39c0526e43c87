import { FunctionMistake } from "../template-mistake.ts"
import { compareTexts } from "../values/go-text.ts"
import { GoMap, type GoValue, mapOf } from "../values/go-value.ts"
import { define, defineWith, type FunctionTable } from "./define-function.ts"
import { mergeMaps } from "./merge-maps.ts"
import { textOfValue } from "./text-of-value.ts"

/** sprig 2.22's functions on maps. `set`, `unset` and the merges change their first argument. */
export const mapFunctions: FunctionTable = {
  dict: defineWith("func(...interface {}) map[string]interface {}", ({ budget }, ...values) => {
    const entries = new Map<string, GoValue>()
    for (let at = 0; at < values.length; at += 2) {
      // A last key without a value gets an empty text.
      entries.set(textOfValue(budget, values[at] ?? null), at + 1 < values.length ? (values[at + 1] ?? null) : "")
    }
    return mapOf(entries)
  }),
  hasKey: define("func(map[string]interface {}, string) bool", (map, key) => map.entries.has(key)),
  // Go's order is random; ours is the one that ranges have.
  keys: defineWith("func(...map[string]interface {}) []string", ({ budget }, ...maps) => {
    budget.reserve(maps.reduce((sum, map) => sum + map.entries.size, 0))
    return maps.flatMap((map) => sortedKeys(map))
  }),
  merge: defineWith(
    "func(map[string]interface {}, ...map[string]interface {}) interface {}",
    ({ budget }, target, ...sources) => {
      const merged = target.isNil ? mapOf([]) : target
      for (const source of sources) mergeMaps(budget, merged, source, false)
      return merged
    },
  ),
  mergeOverwrite: defineWith(
    "func(map[string]interface {}, ...map[string]interface {}) interface {}",
    ({ budget }, target, ...sources) => {
      const merged = target.isNil ? mapOf([]) : target
      for (const source of sources) mergeMaps(budget, merged, source, true)
      return merged
    },
  ),
  omit: define("func(map[string]interface {}, ...string) map[string]interface {}", (map, ...keys) =>
    mapOf([...map.entries].filter(([key]) => !keys.includes(key))),
  ),
  pick: define("func(map[string]interface {}, ...string) map[string]interface {}", (map, ...keys) =>
    mapOf(keys.filter((key) => map.entries.has(key)).map((key) => [key, map.entries.get(key) ?? null] as const)),
  ),
  pluck: define("func(string, ...map[string]interface {}) []interface {}", (key, ...maps) =>
    maps.filter((map) => map.entries.has(key)).map((map) => map.entries.get(key) ?? null),
  ),
  set: define("func(map[string]interface {}, string, interface {}) map[string]interface {}", (map, key, value) => {
    if (map.isNil) throw new FunctionMistake("assignment to entry in nil map")
    map.entries.set(key, value)
    return asPlain(map)
  }),
  unset: define("func(map[string]interface {}, string) map[string]interface {}", (map, key) => {
    map.entries.delete(key)
    return asPlain(map)
  }),
  values: define("func(map[string]interface {}) []interface {}", (map) =>
    sortedKeys(map).map((key) => map.entries.get(key) ?? null),
  ),
}

function sortedKeys({ entries }: GoMap): string[] {
  return [...entries.keys()].sort(compareTexts)
}

/** The same map under the type that the functions return. */
function asPlain(map: GoMap): GoMap {
  return map.type === "map[string]interface {}" ? map : new GoMap("map[string]interface {}", map.entries, map.isNil)
}
