import { decimalDigits, hexFloat } from "./float-digits.ts"
import { type FormatOptions, pad } from "./format-options.ts"

/** A float by one of fmt's verbs; `undefined`: a bad verb for it. */
export function formatFloat(options: FormatOptions, value: number, verb: string): string | undefined {
  if (!"vgGeEfFbxX".includes(verb)) return undefined
  options.budget.reserve(options.precision ?? 0)
  if (!Number.isFinite(value)) return pad({ ...options, isZero: false }, notFinite(options, value))
  const shown = finite(options, value, verb)
  const text = verb === "G" || verb === "E" || verb === "X" ? shown.toUpperCase() : shown
  const sign = value < 0 || Object.is(value, -0) ? "-" : options.isPlus ? "+" : options.isSpace ? " " : ""
  if (options.isZero && !options.isMinus && options.width !== undefined) {
    return sign + pad({ ...options, width: options.width - sign.length }, text)
  }
  return pad({ ...options, isZero: false }, sign + text)
}

/** Infinity always has a sign. */
function notFinite({ isPlus, isSpace, hasNames }: FormatOptions, value: number): string {
  const sign = isPlus || hasNames ? "+" : isSpace ? " " : ""
  if (Number.isNaN(value)) return `${sign}NaN`
  return value < 0 ? "-Inf" : `${sign === " " ? " " : "+"}Inf`
}

/** A finite float without its sign, as Go's `strconv.FormatFloat` writes it. */
export function floatText(value: number, verb: "e" | "f" | "g", precision: number | undefined): string {
  const { digits, exponent } = decimalDigits(value, verb, precision)
  if (verb === "f") return fixed(digits, exponent, precision ?? Math.max(digits.length - exponent - 1, 0))
  if (verb === "e") return scientific(digits, exponent, precision ?? digits.length - 1)
  // Shortest texts switch to exponents as if the precision were 6, but never within their own digits.
  let threshold = precision === undefined ? 6 : Math.max(precision, 1)
  if (precision !== undefined && threshold > digits.length && digits.length > exponent) threshold = digits.length
  if (exponent < -4 || exponent >= threshold) return scientific(digits, exponent, digits.length - 1)
  return fixed(digits, exponent, Math.max(digits.length - exponent - 1, 0))
}

function finite(options: FormatOptions, value: number, verb: string): string {
  const { precision } = options
  if (verb === "b" || verb === "x" || verb === "X") return hexFloat(value, verb, precision)
  const kind = verb.toLowerCase()
  if (kind === "e" || kind === "f") return floatText(value, kind, precision ?? 6)
  return options.isSharp && verb !== "v" ? keptZeros(value, precision) : floatText(value, "g", precision)
}

/** `%#g` keeps the zeros that `%g` drops. */
function keptZeros(value: number, precision: number | undefined): string {
  const text = floatText(value, "g", precision)
  const [mantissa = "", power] = text.split("e")
  const whole = mantissa.replace(/^0\.0*|\./, "")
  const missing = Math.max((precision ?? 6) - whole.length, 0)
  const dotted = mantissa.includes(".") ? mantissa : `${mantissa}.`
  return dotted + "0".repeat(missing) + (power === undefined ? "" : `e${power}`)
}

function fixed(digits: string, exponent: number, decimals: number): string {
  const whole = exponent < 0 ? "0" : digits.slice(0, exponent + 1).padEnd(exponent + 1, "0")
  if (decimals <= 0) return whole
  const behind = exponent < 0 ? "0".repeat(-exponent - 1) + digits : digits.slice(exponent + 1)
  return `${whole}.${behind.slice(0, decimals).padEnd(decimals, "0")}`
}

function scientific(digits: string, exponent: number, decimals: number): string {
  const mantissa = decimals > 0 ? `${digits.charAt(0)}.${digits.slice(1).padEnd(decimals, "0")}` : digits.charAt(0)
  return `${mantissa}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`
}
