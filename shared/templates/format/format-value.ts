import type { Budget } from "../budget.ts"
import { versionText } from "../library/version-text.ts"
import { LimitReached } from "../template-mistake.ts"
import { formatGoTime } from "../time/format-time.ts"
import { compareTexts } from "../values/go-text.ts"
import { GoInteger, GoList, type GoMap, GoStruct, GoTime, type GoValue, GoVersion } from "../values/go-value.ts"
import { typeOf } from "../values/type-of.ts"
import { formatFloat } from "./format-float.ts"
import { formatInteger } from "./format-integer.ts"
import { type FormatOptions, pad, plainOptions } from "./format-options.ts"
import { formatHex, formatText } from "./format-text.ts"

// Maps can hold themselves (`set`); Go would run out of stack.
const maxDepth = 100
const timeLayout = "2006-01-02 15:04:05.999999999 -0700 MST"

/** A value as Go's `fmt.Sprint` writes it. */
export function formatValue(budget: Budget, value: GoValue): string {
  if (typeof value === "string") return value
  return formatArgument(plainOptions(budget), value, "v")
}

/** One argument of a `printf` directive, or Go's note that the verb does not fit it. */
export function formatArgument(options: FormatOptions, value: GoValue, verb: string, depth = 0): string {
  if (depth > maxDepth)
    throw new LimitReached("a value that is nested too deeply, or that holds itself, cannot be printed")
  options.budget.spend(1)
  if (value === null) {
    if (verb === "v" && depth > 0 && options.isSource) return "interface {}(nil)"
    return verb === "v" || depth > 0 ? pad(options, "<nil>") : `%!${verb}(<nil>)`
  }
  return formatKnown(options, value, verb, depth) ?? badVerb(options, value, verb)
}

/** Go's note of a verb that does not fit. */
function badVerb(options: FormatOptions, value: GoValue, verb: string): string {
  return `%!${verb}(${typeOf(value)}=${formatArgument({ ...options, isSource: false, hasNames: false }, value, "v", 1)})`
}

function formatKnown(
  options: FormatOptions,
  value: Exclude<GoValue, null>,
  verb: string,
  depth: number,
): string | undefined {
  if (typeof value === "string") return formatText(options, value, verb)
  if (typeof value === "boolean") return verb === "t" || verb === "v" ? pad(options, String(value)) : undefined
  if (typeof value === "bigint") return formatInteger(options, value, verb, false)
  if (typeof value === "number") return formatFloat(options, value, verb)
  if (value instanceof GoInteger) return formatInteger(options, value.value, verb, value.type.startsWith("u"))
  if (value instanceof GoTime && "vsqxX".includes(verb)) {
    const text = formatGoTime(value, timeLayout)
    return options.isSource ? `time.Date(${text})` : formatText(options, text, verb)
  }
  if (value instanceof GoTime) return `{${badVerb(options, value.nanoseconds, verb)}}`
  if (value instanceof GoVersion) return formatVersion(options, value, verb, depth)
  if (value instanceof GoStruct) return formatFields(options, value.type, [...value.fields], verb, depth)
  return value instanceof GoList ? formatList(options, value, verb, depth) : formatMap(options, value, verb, depth)
}

function formatVersion(options: FormatOptions, value: GoVersion, verb: string, depth: number): string | undefined {
  if (value.type === "*semver.Version" && "vsqxX".includes(verb) && !options.isSource) {
    return formatText(options, versionText(value), verb)
  }
  const { major, minor, patch, prerelease, metadata, original } = value
  const numbers = [major, minor, patch].map((number): GoValue => new GoInteger("int64", number))
  const names = ["major", "minor", "patch", "pre", "metadata", "original"]
  const fields = names.map((name, index): [string, GoValue] => [
    name,
    [...numbers, prerelease, metadata, original][index] ?? "",
  ])
  const prefix = value.type.startsWith("*") ? "&" : ""
  return prefix + formatFields(options, "semver.Version", fields, verb, depth)
}

function formatFields(
  options: FormatOptions,
  type: string,
  fields: readonly (readonly [string, GoValue])[],
  verb: string,
  depth: number,
): string {
  const hasNames = options.isSource || options.hasNames
  const parts = fields.map(
    ([name, field]) => (hasNames ? `${name}:` : "") + formatArgument(options, field, verb, depth + 1),
  )
  return options.isSource ? `${type}{${parts.join(", ")}}` : `{${parts.join(" ")}}`
}

function formatList(options: FormatOptions, { type, items, isNil }: GoList, verb: string, depth: number): string {
  if (verb === "p") return "0xc000010000"
  if (options.isSource && isNil) return `${type}(nil)`
  const isBytes = type === "[]uint8"
  if (isBytes && (verb === "x" || verb === "X")) {
    return formatHex(
      options,
      Uint8Array.from(items, (item) => (item instanceof GoInteger ? Number(item.value) : 0)),
      verb,
    )
  }
  const parts = joined(options, items, (item) => formatArgument(options, item, verb, depth + 1))
  return options.isSource ? `${type}{${parts}}` : `[${parts}]`
}

function formatMap(options: FormatOptions, { type, entries, isNil }: GoMap, verb: string, depth: number): string {
  if (verb === "p") return "0xc000010000"
  if (options.isSource && isNil) return `${type}(nil)`
  const keys = [...entries.keys()].sort(compareTexts)
  const parts = joined(options, keys, (key) => {
    const value = entries.get(key) ?? null
    return `${formatArgument(options, key, verb, depth + 1)}:${formatArgument(options, value, verb, depth + 1)}`
  })
  return options.isSource ? `${type}{${parts}}` : `map[${parts}]`
}

/** Joins while watching the length: a value may hold the same long text a thousand times. */
function joined<T>(options: FormatOptions, items: readonly T[], format: (item: T) => string): string {
  let text = ""
  items.forEach((item, index) => {
    if (index > 0) text += options.isSource ? ", " : " "
    text += format(item)
    options.budget.check(text.length)
  })
  return text
}
