import { formatValue } from "../format/format-value.ts"
import { FunctionMistake } from "../template-mistake.ts"
import type { GoValue } from "../values/go-value.ts"
import { type CallContext, define, defineWith, type FunctionTable } from "./define-function.ts"
import { parseDecimal, toFloat64, toInt64 } from "./to-number.ts"

const max = define("func(interface {}, ...interface {}) int64", (first, ...others) =>
  extreme([first, ...others], (other, found) => other > found),
)

/** sprig 2.22's arithmetic: 64 bits that wrap around, on whatever can be read as a number; the rest is zero. */
export const numberFunctions: FunctionTable = {
  add: define("func(...interface {}) int64", (...values) =>
    values.reduce<bigint>((sum, value) => sum + toInt64(value), 0n),
  ),
  add1: define("func(interface {}) int64", (value) => toInt64(value) + 1n),
  atoi: define("func(string) int", (text) => parseDecimal(text, 10)?.clamped ?? 0n),
  biggest: max,
  ceil: define("func(interface {}) float64", (value) => Math.ceil(toFloat64(value))),
  div: define("func(interface {}, interface {}) int64", (left, right) => toInt64(left) / divisor(right)),
  float64: define("func(interface {}) float64", toFloat64),
  floor: define("func(interface {}) float64", (value) => Math.floor(toFloat64(value))),
  int: define("func(interface {}) int", toInt64),
  int64: define("func(interface {}) int64", toInt64),
  max,
  min: define("func(interface {}, ...interface {}) int64", (first, ...others) =>
    extreme([first, ...others], (other, found) => other < found),
  ),
  mod: define("func(interface {}, interface {}) int64", (left, right) => toInt64(left) % divisor(right)),
  mul: define("func(interface {}, ...interface {}) int64", (first, ...others) =>
    others.reduce<bigint>((product, other) => BigInt.asIntN(64, product * toInt64(other)), toInt64(first)),
  ),
  round: define("func(interface {}, int, ...float64) float64", (value, places, roundOn = 0.5) => {
    const power = 10 ** Number(places)
    const shifted = power * toFloat64(value)
    return (shifted - Math.trunc(shifted) >= roundOn ? Math.ceil(shifted) : Math.floor(shifted)) / power
  }),
  sub: define("func(interface {}, interface {}) int64", (left, right) => toInt64(left) - toInt64(right)),
  toDecimal: defineWith(
    "func(interface {}) int64",
    ({ budget }, value) => parseDecimal(formatValue(budget, value), 8)?.exact ?? 0n,
  ),
  until: defineWith("func(int) []int", (context, count) => series(context, 0n, count, count < 0n ? -1n : 1n)),
  untilStep: defineWith("func(int, int, int) []int", series),
}

function extreme(values: readonly GoValue[], isBeyond: (other: bigint, found: bigint) => boolean): bigint {
  return values.map(toInt64).reduce((found, other) => (isBeyond(other, found) ? other : found))
}

function divisor(value: GoValue): bigint {
  const number = toInt64(value)
  if (number === 0n) throw new FunctionMistake("runtime error: integer divide by zero")
  return number
}

function series({ budget }: CallContext, start: bigint, stop: bigint, step: bigint): bigint[] {
  if (stop < start ? step >= 0n : step <= 0n) return []
  const distance = stop < start ? start - stop : stop - start
  const size = step < 0n ? -step : step
  const count = (distance + size - 1n) / size
  budget.reserve(Number(count) * 16)
  return Array.from({ length: Number(count) }, (_, index) => start + BigInt(index) * step)
}
