import { parseFloatText, parseInteger } from "./language/read-number.ts"
import { GoInteger, type GoValue } from "./values/go-value.ts"

const words = new Map<string, GoValue>([
  ...["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"].map((word) => [word, true] as const),
  ...["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"].map((word) => [word, false] as const),
  ...["", "~", "null", "Null", "NULL"].map((word) => [word, null] as const),
  ...[".nan", ".NaN", ".NAN"].map((word) => [word, Number.NaN] as const),
  ...[".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"].map((word) => [word, Number.POSITIVE_INFINITY] as const),
  ...["-.inf", "-.Inf", "-.INF"].map((word) => [word, Number.NEGATIVE_INFINITY] as const),
])
const floatPattern = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/

/** What an unquoted YAML scalar is to Go's yaml.v2: YAML 1.1's words and octals, no base 60; dates stay texts. */
export function resolvePlain(text: string): GoValue {
  const word = words.get(text)
  if (word !== undefined) return word
  if (text.startsWith(".")) return parseFloatText(text) ?? text
  if (!/^[-+0-9]/.test(text)) return text
  const plain = text.replaceAll("_", "")
  const integer = plain.length > 100 ? undefined : parseInteger(plain)
  if (integer !== undefined && integer >= -(2n ** 63n) && integer < 2n ** 63n) return integer
  if (integer !== undefined && integer > 0n && integer < 2n ** 64n && !plain.startsWith("+"))
    return new GoInteger("uint64", integer)
  return floatPattern.test(plain) ? (parseFloatText(plain) ?? text) : text
}
