import { type FormatOptions, pad } from "./format-options.ts"
import { quoteCharacter } from "./quote.ts"

const bases: Record<string, number> = { b: 2, d: 10, v: 10, o: 8, O: 8, x: 16, X: 16 }
const prefixes: Record<string, string> = { b: "0b", x: "0x", X: "0X" }

/** An integer by one of fmt's verbs; `undefined`: a bad verb for it. */
export function formatInteger(
  options: FormatOptions,
  value: bigint,
  verb: string,
  isUnsigned: boolean,
): string | undefined {
  if (verb === "v" && options.isSource && isUnsigned) return digits({ ...options, isSharp: true }, value, "x")
  if (verb in bases) return digits(options, value, verb)
  if (verb === "c") return pad(options, characterOf(value))
  if (verb === "q") return pad(options, quoteCharacter(characterOf(value), options.isPlus))
  if (verb === "U") {
    const text = `U+${value
      .toString(16)
      .toUpperCase()
      .padStart(Math.max(options.precision ?? 4, 4), "0")}`
    const shown = options.isSharp ? `${text} '${characterOf(value)}'` : text
    return pad({ ...options, isZero: false }, shown)
  }
  return undefined
}

function digits(options: FormatOptions, value: bigint, verb: string): string {
  const { precision, width, isPlus, isSpace } = options
  if (precision === 0 && value === 0n) return pad({ ...options, isZero: false }, "")
  const sign = value < 0n ? "-" : isPlus ? "+" : isSpace ? " " : ""
  const isZeroFilled = precision === undefined && options.isZero && !options.isMinus && width !== undefined
  const least = isZeroFilled ? width - sign.length : (precision ?? 0)
  options.budget.reserve(least)
  let text = (value < 0n ? -value : value).toString(bases[verb] ?? 10).padStart(least, "0")
  if (verb === "X") text = text.toUpperCase()
  if (options.isSharp) text = verb === "o" && !text.startsWith("0") ? `0${text}` : `${prefixes[verb] ?? ""}${text}`
  if (verb === "O") text = `0o${text}`
  return pad({ ...options, isZero: false }, sign + text)
}

function characterOf(value: bigint): string {
  const isCharacter = value >= 0n && value <= 0x10ffffn && !(value >= 0xd800n && value <= 0xdfffn)
  return isCharacter ? String.fromCodePoint(Number(value)) : "\ufffd"
}
