import { parseFloatText } from "../language/read-number.ts"
import { type GoValue, integerIn } from "../values/go-value.ts"

const minInt64 = -(2n ** 63n)
const maxInt64 = 2n ** 63n - 1n

/** sprig's `toInt64`: whatever is no number is zero; floats lose what is behind the point. */
export function toInt64(value: GoValue): bigint {
  const integer = integerIn(value)
  if (integer !== undefined) return integer > maxInt64 ? maxInt64 : integer
  if (typeof value === "string") return parseDecimal(value, 10)?.exact ?? 0n
  if (typeof value === "boolean") return value ? 1n : 0n
  if (typeof value !== "number") return 0n
  // What amd64 makes of a float that does not fit.
  const whole = Math.trunc(value)
  return whole >= -(2 ** 63) && whole < 2 ** 63 ? BigInt(whole) : minInt64
}

/** sprig's `toFloat64`. */
export function toFloat64(value: GoValue): number {
  const integer = integerIn(value)
  if (integer !== undefined) return Number(integer)
  if (typeof value === "string") return parseFloatText(value) ?? 0
  if (typeof value === "boolean") return value ? 1 : 0
  return typeof value === "number" ? value : 0
}

/**
 * Go's `ParseInt` of 64 bits. `exact` is missing when the number does not fit, `clamped` is then the nearest that does. Not a
 * number: `undefined`.
 */
export function parseDecimal(text: string, base: 8 | 10): { exact: bigint | undefined; clamped: bigint } | undefined {
  const match = (base === 10 ? /^([+-]?)([0-9]+)$/ : /^([+-]?)([0-7]+)$/).exec(text)
  if (match === null) return undefined
  const [, sign, digits = "0"] = match
  // Longer ones do not fit, and reading them costs more than linear time.
  const magnitude =
    digits.length > 100 && /[1-9]/.test(digits) ? 2n ** 64n : BigInt(base === 10 ? digits : `0o${digits}`)
  const value = sign === "-" ? -magnitude : magnitude
  if (value < minInt64) return { exact: undefined, clamped: minInt64 }
  return value > maxInt64 ? { exact: undefined, clamped: maxInt64 } : { exact: value, clamped: value }
}
