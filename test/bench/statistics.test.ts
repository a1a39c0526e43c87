import { expect, test } from "vitest"
import { atMost } from "../../bench/figure.ts"
import { median, percentile } from "../../bench/statistics.ts"

const hundred = Array.from({ length: 100 }, (_, index) => 100 - index)

test("a percentile is a sample, by nearest rank, whatever the order", () => {
  expect([percentile(hundred, 0.95), median(hundred), percentile([7], 0.95)]).toEqual([95, 50, 7])
})

test("a line is met at its limit and missed above it", () => {
  const isMet = (value: number) => atMost("a line", value, 3, "s", "").isMet

  expect([isMet(3), isMet(3.001)]).toEqual([true, false])
})

test("a line without a sample is missed", () => {
  expect(atMost("a line", median([]), 3, "s", "").isMet).toBe(false)
})
