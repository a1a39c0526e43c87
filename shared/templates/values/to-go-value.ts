import { GoInteger, GoList, GoMap, GoStruct, GoTime, type GoValue, GoVersion } from "./go-value.ts"

const maxInt = 2n ** 63n - 1n

/**
 * What a template sees of a JavaScript value: `number` is a float, `bigint` an int (or a uint64 where it only fits that), arrays,
 * maps and plain objects are lists and maps. Anything else is nil.
 */
export function toGoValue(value: unknown): GoValue {
  if (typeof value === "string" || typeof value === "boolean" || typeof value === "number") return value
  if (typeof value === "bigint") return value > maxInt ? new GoInteger("uint64", value) : value
  if (typeof value !== "object" || value === null) return null
  if (value instanceof GoInteger || value instanceof GoList || value instanceof GoMap) return value
  if (value instanceof GoTime || value instanceof GoStruct || value instanceof GoVersion) return value
  if (Array.isArray(value)) return new GoList("[]interface {}", value.map(toGoValue))
  const entries = value instanceof Map ? [...value] : Object.entries(value)
  return new GoMap(
    "map[string]interface {}",
    new Map(entries.map(([key, entry]): [string, GoValue] => [String(key), toGoValue(entry)])),
  )
}
