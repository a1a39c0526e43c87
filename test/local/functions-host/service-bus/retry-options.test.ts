import { expect, it } from "vitest"
import { retryOptionsOf } from "../../../../local/functions-host/service-bus/retry-options.ts"

it("the client tries again after half a second, fixed, unless it is told otherwise", () => {
  expect(retryOptionsOf({}, {})).toMatchObject({ mode: 1, retryDelayInMs: 500 })
})

it("host.json's options are the client's", () => {
  const hostJson = { mode: "exponential" as const, delay: 800, maxDelay: 5_000, maxRetries: 7, tryTimeout: 9_000 }

  expect(retryOptionsOf(hostJson, {})).toEqual({
    mode: 0,
    retryDelayInMs: 800,
    maxRetryDelayInMs: 5_000,
    maxRetries: 7,
    timeoutInMs: 9_000,
  })
})

it("what the host is told wins over host.json, a delay being fixed then", () => {
  const hostJson = { mode: "exponential" as const, delay: 800, maxRetries: 7 }

  expect(retryOptionsOf(hostJson, { retryDelayInMs: 500 })).toMatchObject({
    mode: 1,
    retryDelayInMs: 500,
    maxRetries: 7,
  })
})
