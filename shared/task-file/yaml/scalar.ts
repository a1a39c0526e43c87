import type { Scalar } from "yaml"

/** What yaml.v2 makes of a scalar: its short tag and, where it has one, its value. `text` is as written, unquoted. */
export type ResolvedScalar =
  | { tag: "!!null"; text: string }
  | { tag: "!!bool"; text: string; value: boolean }
  | { tag: "!!int" | "!!float"; text: string; value: number }
  | { tag: "!!str" | "!!timestamp"; text: string }

const TRUE = /^(?:y|Y|yes|Yes|YES|true|True|TRUE|on|On|ON)$/
const FALSE = /^(?:n|N|no|No|NO|false|False|FALSE|off|Off|OFF)$/
const NULL = /^(?:~|null|Null|NULL|)$/
const INTEGER = /^([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|([0-9]+))$/
const FLOAT = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/
const SPECIAL_FLOAT = /^[-+]?\.(?:inf|Inf|INF)$|^\.(?:nan|NaN|NAN)$/
const TIMESTAMP = /^\d{4}-\d{1,2}-\d{1,2}(?:[Tt ]\s*\d{1,2}:\d{2}:\d{2}(?:\.\d*)?\s*(?:Z|[-+]\d{1,2}(?::\d{2})?)?)?$/
const EXPLICIT = /^tag:yaml\.org,2002:(null|bool|int|float|str|timestamp)$/

/** Resolves a scalar by the rules of YAML 1.1 as yaml.v2 knows them: quoted and block scalars are texts, tags say what they are. */
export function resolveScalar(node: Scalar): ResolvedScalar {
  const text = String(node.value ?? "")
  const explicit = EXPLICIT.exec(node.tag ?? "")?.[1]
  if (explicit === "str" || (explicit === undefined && node.type !== "PLAIN" && node.type !== undefined)) {
    return { tag: "!!str", text }
  }
  return resolvePlain(text)
}

function resolvePlain(text: string): ResolvedScalar {
  if (NULL.test(text)) return { tag: "!!null", text }
  if (TRUE.test(text)) return { tag: "!!bool", text, value: true }
  if (FALSE.test(text)) return { tag: "!!bool", text, value: false }
  const plain = text.replaceAll("_", "")
  const integer = INTEGER.exec(plain)
  if (integer !== null) return { tag: "!!int", text, value: integerOf(integer) }
  if (FLOAT.test(plain)) return { tag: "!!float", text, value: Number(plain) }
  if (SPECIAL_FLOAT.test(text)) {
    const isNumber = !/nan/i.test(text)
    const value = text.startsWith("-") ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
    return { tag: "!!float", text, value: isNumber ? value : Number.NaN }
  }
  return { tag: TIMESTAMP.test(text) ? "!!timestamp" : "!!str", text }
}

function integerOf([, sign, hexadecimal, binary, octal, decimal]: RegExpExecArray): number {
  const digits: [string | undefined, number][] = [
    [hexadecimal, 16],
    [binary, 2],
    [octal, 8],
    [decimal, 10],
  ]
  const [text = "0", base] = digits.find(([value]) => value !== undefined) ?? ["0", 10]
  const value = Number.parseInt(text, base)
  return sign === "-" ? -value : value
}
