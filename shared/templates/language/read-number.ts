import { readCharacter } from "./read-literal.ts"

/** A number constant. Which of the forms it has decides what parameters it fits (text/template, "Arguments"). */
export type NumberConstant = {
  text: string
  /** As an int64, when it is one. */
  int: bigint | undefined
  uint: bigint | undefined
  float: number | undefined
}

const maxInt64 = 2n ** 63n - 1n
const maxUint64 = 2n ** 64n - 1n

/** Reads a number or character token; else the problem in Go's words. */
export function readNumber(text: string): NumberConstant | { problem: string } {
  if (text.startsWith("'")) {
    const character = readCharacter(text)
    if (character === undefined) return { problem: "invalid syntax" }
    if (typeof character === "string") return { problem: `malformed character constant: ${text}` }
    return { text, int: character, uint: character, float: Number(character) }
  }
  // No number needs as many digits, and reading them takes more than linear time.
  if (text.length > 1_000) return { problem: `illegal number syntax: "${text.slice(0, 20)}..."` }
  if (text.endsWith("i")) return { problem: `complex numbers are not supported: ${text}` }
  const integer = parseInteger(text)
  if (integer !== undefined) {
    const int = integer >= -(2n ** 63n) && integer <= maxInt64 ? integer : undefined
    const uint = integer >= 0n && integer <= maxUint64 && (!/^[+-]/.test(text) || integer === 0n) ? integer : undefined
    if (int === undefined && uint === undefined) return { problem: `integer overflow: "${text}"` }
    return { text, int, uint, float: Number(integer) }
  }
  const float = parseFloatText(text)
  // Go reads digits that are no octal number as a float first, and says then that it is too large an integer.
  if (float !== undefined && !/[.eEpP]/.test(text)) return { problem: `integer overflow: "${text}"` }
  if (float === undefined) return { problem: `illegal number syntax: "${text}"` }
  const whole = Number.isInteger(float) && Math.abs(float) < 2 ** 63 ? BigInt(float) : undefined
  return { text, int: whole, uint: whole !== undefined && whole >= 0n ? whole : undefined, float }
}

/** Go's `ParseInt(text, 0, …)` without its range: prefixes 0x, 0o, 0b, 0 and underscores between digits. */
export function parseInteger(text: string): bigint | undefined {
  const match =
    /^([+-]?)(0[xX](?:_?[0-9a-fA-F])+|0[bB](?:_?[01])+|0[oO](?:_?[0-7])+|0(?:_?[0-7])*|[1-9](?:_?[0-9])*)$/.exec(text)
  if (match === null) return undefined
  const digits = (match[2] ?? "").replaceAll("_", "")
  const value = BigInt(/^0[0-7]/.test(digits) ? `0o${digits.slice(1)}` : digits.toLowerCase())
  return match[1] === "-" ? -value : value
}

/**
 * Go's `ParseFloat`: decimal and hexadecimal floats, `inf` and `nan`, underscores between digits. `undefined`: no float, or out of
 * range.
 */
export function parseFloatText(text: string): number | undefined {
  if (!hasGoodUnderscores(text)) return undefined
  const named = /^([+-]?)(?:inf|infinity)$/i.exec(text)
  if (named !== null) return named[1] === "-" ? -Infinity : Infinity
  if (/^nan$/i.test(text)) return Number.NaN
  const hex = /^([+-]?)0[xX]([0-9a-fA-F_]*)(?:\.([0-9a-fA-F_]*))?[pP]([+-]?[0-9_]+)$/.exec(text)
  if (hex !== null) {
    const [, sign, whole = "", fraction = "", exponent = "0"] = hex
    const digits = `${whole}${fraction}`.replaceAll("_", "")
    if (digits === "") return undefined
    const value =
      Number(BigInt(`0x${digits}`)) *
      2 ** (Number(exponent.replaceAll("_", "")) - 4 * fraction.replaceAll("_", "").length)
    return sign === "-" ? -value : value
  }
  const plain = text.replaceAll("_", "")
  if (!/^[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/.test(plain)) return undefined
  const value = Number(plain)
  return Number.isFinite(value) ? value : undefined
}

/** Underscores stand between digits, or between a base prefix and a digit. */
function hasGoodUnderscores(text: string): boolean {
  return !/(?<![0-9a-fA-FxX])_|_(?![0-9a-fA-F])/.test(text)
}
