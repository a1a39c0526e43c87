import { GoInteger, GoList, GoMap, GoStruct, GoTime, GoVersion, type Operand } from "./go-value.ts"

/** The type as Go's `%T` writes it. */
export function typeOf(value: Operand): string {
  if (value === null || value === undefined) return "<nil>"
  if (typeof value === "string") return "string"
  if (typeof value === "boolean") return "bool"
  if (typeof value === "bigint") return "int"
  if (typeof value === "number") return "float64"
  return value instanceof GoTime ? "time.Time" : value.type
}

/** The kind as Go's `reflect.Kind` writes it. */
export function kindOf(value: Operand): string {
  if (value === null || value === undefined) return "invalid"
  if (value instanceof GoList) return "slice"
  if (value instanceof GoMap) return "map"
  if (value instanceof GoTime || value instanceof GoStruct) return "struct"
  if (value instanceof GoVersion) return value.type === "*semver.Version" ? "ptr" : "struct"
  return typeOf(value)
}

/** What `if`, `and`, `or` and `not` see (text/template, "truth"): empty and zero are false. */
export function isTrue(value: Operand): boolean {
  if (value === null || value === undefined) return false
  if (value instanceof GoList) return value.items.length > 0
  if (value instanceof GoMap) return value.entries.size > 0
  if (value instanceof GoInteger) return value.value !== 0n
  // Not a number is not zero, so it is true.
  if (typeof value === "number") return value !== 0
  return Boolean(value)
}

/** sprig's `empty`: Go's truth, and a struct is never empty. */
export function isEmpty(value: Operand): boolean {
  return !isTrue(value)
}
