import { setTimeout as delay } from "node:timers/promises"
import type { AppFunction, RetryOptions } from "../app/core-types.ts"
import type { Invocation, Invoke } from "../app/invoke-function.ts"

/**
 * Runs a function and, under its retry options, again while it fails. The context says which retry it is.
 * Source: https://learn.microsoft.com/azure/azure-functions/functions-bindings-error-pages#retries
 */
export async function retryInvocation(
  invoke: Invoke,
  fn: AppFunction,
  invocation: Invocation,
  signal: AbortSignal,
): Promise<void> {
  const retry = fn.metadata.retryOptions
  const maxRetryCount = retry?.maxRetryCount ?? 0
  let message = ""
  for (let retryCount = 0; maxRetryCount === -1 || retryCount <= maxRetryCount; retryCount += 1) {
    if (retry !== undefined && retryCount > 0) {
      await delay(retryDelayMs(retry, retryCount), undefined, { signal })
    }
    const exception = message === "" ? {} : { exception: { message } }
    const retryContext = retry === undefined ? {} : { retryContext: { retryCount, maxRetryCount, ...exception } }
    try {
      await invoke(fn, { ...invocation, ...retryContext })
      return
    } catch (error) {
      message = error instanceof Error ? error.message : String(error)
    }
  }
}

/** Fixed, or doubled from the minimum up to the maximum. */
export function retryDelayMs(retry: RetryOptions, retryCount: number): number {
  if (retry.retryStrategy === "fixedDelay") return (retry.delayInterval?.seconds ?? 0) * 1000
  const minimum = retry.minimumInterval?.seconds ?? 0
  const maximum = retry.maximumInterval?.seconds ?? minimum
  return Math.min(maximum, minimum * 2 ** (retryCount - 1)) * 1000
}
