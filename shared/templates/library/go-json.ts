import type { Budget } from "../budget.ts"
import { floatText } from "../format/format-float.ts"
import { formatGoTime } from "../time/format-time.ts"
import { compareTexts } from "../values/go-text.ts"
import { GoInteger, GoList, GoMap, GoStruct, GoTime, type GoValue, GoVersion } from "../values/go-value.ts"
import { versionText } from "./version-text.ts"

const maxDepth = 100

/**
 * Go's `json.Marshal`: keys in order of their bytes, `<`, `>` and `&` escaped. `undefined`: no JSON (not a number, infinite, or
 * nested without end). With `indent`, `json.MarshalIndent`.
 */
export function goJson(budget: Budget, value: GoValue, indent?: string): string | undefined {
  const write = (current: GoValue, depth: number): string | undefined => {
    budget.spend(1)
    if (current === null) return "null"
    if (depth > maxDepth) return undefined
    if (typeof current === "string") return quote(current)
    if (typeof current === "boolean" || typeof current === "bigint") return String(current)
    if (typeof current === "number") return Number.isFinite(current) ? floatJson(current) : undefined
    if (current instanceof GoInteger) return String(current.value)
    if (current instanceof GoTime) return quote(formatGoTime(current, "2006-01-02T15:04:05.999999999Z07:00"))
    if (current instanceof GoVersion) return current.type.startsWith("*") ? quote(versionText(current)) : "{}"
    if (current instanceof GoList) return writeList(current, depth)
    const entries = current instanceof GoStruct ? [...current.fields] : sortedEntries(current)
    if (current instanceof GoMap && current.isNil) return "null"
    return wrap(entries, "{", "}", depth, ([key, entry]) => {
      const text = write(entry, depth + 1)
      return text === undefined ? undefined : `${quote(key)}:${indent === undefined ? "" : " "}${text}`
    })
  }

  const writeList = ({ type, items, isNil }: GoList, depth: number): string | undefined => {
    if (isNil) return "null"
    if (type === "[]uint8") {
      const bytes = items.map((item) => (item instanceof GoInteger ? Number(item.value) : 0))
      return `"${Buffer.from(bytes).toString("base64")}"`
    }
    return wrap(items, "[", "]", depth, (item) => write(item, depth + 1))
  }

  const wrap = <T>(
    items: readonly T[],
    open: string,
    close: string,
    depth: number,
    text: (item: T) => string | undefined,
  ): string | undefined => {
    if (items.length === 0) return open + close
    const line = indent === undefined ? "" : `\n${indent.repeat(depth + 1)}`
    let parts = open
    for (const [index, item] of items.entries()) {
      const part = text(item)
      if (part === undefined) return undefined
      parts += (index === 0 ? "" : ",") + line + part
      budget.check(parts.length)
    }
    return parts + (indent === undefined ? "" : `\n${indent.repeat(depth)}`) + close
  }

  return write(value, 0)
}

function sortedEntries({ entries }: GoMap): [string, GoValue][] {
  return [...entries].sort(([left], [right]) => compareTexts(left, right))
}

/** As Go's encoder: exponents only far from one, without a zero before their digit. */
function floatJson(value: number): string {
  const absolute = Math.abs(value)
  const sign = value < 0 || Object.is(value, -0) ? "-" : ""
  if (absolute === 0 || (absolute >= 1e-6 && absolute < 1e21)) return sign + floatText(value, "f", undefined)
  return sign + floatText(value, "e", undefined).replace(/e-0(\d)$/, "e-$1")
}

function quote(text: string): string {
  // A byte that is no UTF-8 comes out as the escape of U+FFFD, not as the character.
  const quoted = JSON.stringify(text).replace(/\\ud[c-f][0-9a-f]{2}/g, "\\ufffd")
  return quoted.replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  )
}
