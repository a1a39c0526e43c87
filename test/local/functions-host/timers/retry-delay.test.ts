import { expect, it } from "vitest"
import { retryDelayMs } from "../../../../local/functions-host/timers/retry-invocation.ts"

it("a fixed delay stays", () => {
  const retry = { retryStrategy: "fixedDelay" as const, maxRetryCount: 5, delayInterval: { seconds: 3 } }

  expect([1, 2, 5].map((count) => retryDelayMs(retry, count))).toEqual([3_000, 3_000, 3_000])
})

it("a growing delay doubles from the minimum to the maximum", () => {
  const retry = {
    retryStrategy: "exponentialBackoff" as const,
    maxRetryCount: 5,
    minimumInterval: { seconds: 2 },
    maximumInterval: { seconds: 9 },
  }

  expect([1, 2, 3, 4].map((count) => retryDelayMs(retry, count))).toEqual([2_000, 4_000, 8_000, 9_000])
})
