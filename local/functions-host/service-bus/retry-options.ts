import type { RetryOptions } from "@azure/service-bus"
import type { HostJson } from "../host-json.ts"

/** The client's own numbers for its modes; its enum would load the client. */
const modes = { exponential: 0, fixed: 1 }
/** The client's delay of 30 s is how long a subscriber took to come back after a broker's restart. */
const defaults: RetryOptions = { mode: modes.fixed, retryDelayInMs: 500, maxRetries: 3, timeoutInMs: 10_000 }

export type ServiceBusRetry = {
  retryDelayInMs?: number | undefined
  maxRetries?: number | undefined
  timeoutInMs?: number | undefined
}

/** How the client tries again: host.json's `clientRetryOptions`, and over them what the host was told, with a fixed delay. */
export function retryOptionsOf(
  hostJson: HostJson["extensions"]["serviceBus"]["clientRetryOptions"],
  told: ServiceBusRetry,
): RetryOptions {
  const fromHostJson = {
    mode: hostJson.mode === undefined ? undefined : modes[hostJson.mode],
    retryDelayInMs: hostJson.delay,
    maxRetryDelayInMs: hostJson.maxDelay,
    maxRetries: hostJson.maxRetries,
    timeoutInMs: hostJson.tryTimeout,
  }
  const mode = told.retryDelayInMs === undefined ? {} : { mode: modes.fixed }
  return { ...defaults, ...withoutUndefined(fromHostJson), ...withoutUndefined(told), ...mode }
}

function withoutUndefined(options: Record<string, number | undefined>): RetryOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
}
