/** Significant digits of a float's absolute value, without trailing zeros, and the power of ten of the first. */
export type Decimal = { digits: string; exponent: number }

/**
 * The digits that Go shows: the shortest that read back as the same float when there is no precision, else exact and rounded half
 * to even (JavaScript's `toFixed` rounds ties up).
 */
export function decimalDigits(value: number, verb: "e" | "f" | "g", precision: number | undefined): Decimal {
  const absolute = Math.abs(value)
  if (absolute === 0) return { digits: "0", exponent: 0 }
  const [mantissa = "", power = "0"] = absolute.toExponential().split("e")
  const exponent = Number(power)
  if (precision === undefined) return trimmed(mantissa.replace(".", ""), exponent)
  const decimals = verb === "f" ? precision : precision + (verb === "e" ? 1 : 0) - 1 - exponent
  const significant = verb === "g" ? Math.max(precision, 1) - 1 - exponent : decimals
  const rounded = roundedTo(absolute, verb === "f" ? precision : significant).toString()
  const scale = verb === "f" ? precision : significant
  return trimmed(rounded, rounded === "0" ? 0 : rounded.length - 1 - scale)
}

/** Go's `%b` and `%x` of a float's absolute value: mantissa and power of two. */
export function hexFloat(value: number, verb: "b" | "x" | "X", precision: number | undefined): string {
  const { mantissa, power } = binaryOf(Math.abs(value))
  if (verb === "b") return `${mantissa}p${power < 0 ? "-" : "+"}${Math.abs(power)}`
  if (mantissa === 0n) return `0x0${precision ? `.${"0".repeat(precision)}` : ""}p+00`
  // One bit stands before the point, 52 behind it.
  const shift = 53 - mantissa.toString(2).length
  let bits = mantissa << BigInt(shift)
  let exponent = power - shift + 52
  if (precision !== undefined && precision < 13) {
    bits = halfEven(bits, 1n << BigInt(4 * (13 - precision))) << BigInt(4 * (13 - precision))
    if (bits >> 53n > 0n) {
      bits >>= 1n
      exponent++
    }
  }
  const hex = bits.toString(16)
  const behind =
    precision === undefined ? hex.slice(1).replace(/0+$/, "") : hex.slice(1, 1 + precision).padEnd(precision, "0")
  const sign = exponent < 0 ? "-" : "+"
  return `0x${hex.charAt(0)}${behind === "" ? "" : `.${behind}`}p${sign}${String(Math.abs(exponent)).padStart(2, "0")}`
}

function trimmed(digits: string, exponent: number): Decimal {
  return { digits: digits.replace(/(?<=.)0+$/, ""), exponent }
}

/** The float times ten to the power of `decimals`, as a whole number. */
function roundedTo(value: number, decimals: number): bigint {
  const { mantissa, power } = binaryOf(value)
  let numerator = mantissa
  let denominator = 1n
  if (power >= 0) numerator <<= BigInt(power)
  else denominator <<= BigInt(-power)
  if (decimals >= 0) numerator *= 10n ** BigInt(decimals)
  else denominator *= 10n ** BigInt(-decimals)
  return halfEven(numerator, denominator)
}

function halfEven(numerator: bigint, denominator: bigint): bigint {
  const quotient = numerator / denominator
  const twice = (numerator % denominator) * 2n
  return twice > denominator || (twice === denominator && quotient % 2n === 1n) ? quotient + 1n : quotient
}

function binaryOf(value: number): { mantissa: bigint; power: number } {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, value)
  const bits = view.getBigUint64(0)
  const exponent = Number((bits >> 52n) & 0x7ffn)
  const fraction = bits & 0xfffffffffffffn
  return exponent === 0
    ? { mantissa: fraction, power: -1074 }
    : { mantissa: fraction | 0x10000000000000n, power: exponent - 1075 }
}
