import { GoMap, type GoValue } from "./values/go-value.ts"

/**
 * Lays values over others: the later ones win, maps in both are merged, a later null takes the key away (task-file 4). Neither
 * argument changes.
 */
export function mergeValues(base: GoMap, override: GoMap): GoMap {
  const entries = new Map<string, GoValue>(override.entries)
  for (const [key, value] of base.entries) {
    const later = override.entries.get(key)
    if (later === undefined) entries.set(key, value)
    else if (later === null) entries.delete(key)
    else if (later instanceof GoMap && value instanceof GoMap) entries.set(key, mergeValues(value, later))
  }
  return new GoMap(override.type, entries)
}
