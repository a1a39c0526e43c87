/** A Go integer of any type but `int`, which is a plain `bigint`. */
export class GoInteger {
  readonly type: "int64" | "int32" | "uint8" | "uint32" | "uint64"
  readonly value: bigint
  constructor(type: GoInteger["type"], value: bigint) {
    this.type = type
    this.value = type.startsWith("u")
      ? BigInt.asUintN(Number(type.slice(4)), value)
      : BigInt.asIntN(bitsOf(type), value)
  }
}

/** A Go slice; `type` is its whole type. Nothing in a template changes a list, so items are shared freely. */
export class GoList {
  readonly type: "[]interface {}" | "[]string" | "[]int" | "[]uint8"
  readonly items: readonly GoValue[]
  /** A nil slice is empty, but JSON and comparisons tell it from an empty one. */
  readonly isNil: boolean
  constructor(type: GoList["type"], items: readonly GoValue[], isNil = false) {
    this.type = type
    this.items = items
    this.isNil = isNil
  }
}

/** A Go map with text keys. `set`, `unset` and `merge` change it in place, as in sprig. */
export class GoMap {
  readonly type: "map[string]interface {}" | "map[string]string" | "templating.Values"
  readonly entries: Map<string, GoValue>
  readonly isNil: boolean
  constructor(type: GoMap["type"], entries: Map<string, GoValue>, isNil = false) {
    this.type = type
    this.entries = entries
    this.isNil = isNil
  }
}

/** An instant with the zone that it is shown in: an IANA name, `UTC`, or what a parsed text said. */
export class GoTime {
  readonly nanoseconds: bigint
  readonly zone: GoZone
  constructor(nanoseconds: bigint, zone: GoZone) {
    this.nanoseconds = nanoseconds
    this.zone = zone
  }
}
export type GoZone = string | { name: string; offsetSeconds: number }

/** A Go struct whose fields templates can read: sprig's certificate. */
export class GoStruct {
  readonly type: "sprig.certificate"
  readonly fields: ReadonlyMap<string, string>
  constructor(type: GoStruct["type"], fields: ReadonlyMap<string, string>) {
    this.type = type
    this.fields = fields
  }
}

/** What `semver` gives. Its increments and setters are structs, not pointers, which printing tells apart. */
export class GoVersion {
  readonly type: "*semver.Version" | "semver.Version"
  readonly major: bigint
  readonly minor: bigint
  readonly patch: bigint
  readonly prerelease: string
  readonly metadata: string
  readonly original: string
  constructor(parts: Omit<GoVersion, "type">, type: GoVersion["type"] = "*semver.Version") {
    this.type = type
    this.major = parts.major
    this.minor = parts.minor
    this.patch = parts.patch
    this.prerelease = parts.prerelease
    this.metadata = parts.metadata
    this.original = parts.original
  }
}

/**
 * A value as Go's templates see it: `null` is a nil interface, `bigint` is `int`, `number` is `float64`. Texts are JavaScript
 * strings in which a byte that is no UTF-8 is the lone surrogate U+DC00 + byte (see `go-text.ts`).
 */
export type GoValue =
  | null
  | boolean
  | string
  | bigint
  | number
  | GoInteger
  | GoList
  | GoMap
  | GoTime
  | GoStruct
  | GoVersion

/** `undefined` is Go's invalid value: what a pipeline makes of nil. Reading a field of it is no mistake, of nil it is. */
export type Operand = GoValue | undefined

/** The integer in a value of any integer type. */
export function integerIn(value: Operand): bigint | undefined {
  if (typeof value === "bigint") return value
  return value instanceof GoInteger ? value.value : undefined
}

/** `[]interface {}` of the items. */
export function listOf(items: readonly GoValue[]): GoList {
  return new GoList("[]interface {}", items)
}

/** `map[string]interface {}` of the entries. */
export function mapOf(entries: Iterable<readonly [string, GoValue]>): GoMap {
  return new GoMap("map[string]interface {}", new Map(entries))
}

function bitsOf(type: string): number {
  return Number(type.slice(3))
}
