import { type BackOff, retry } from "../retry.ts"
import { isNetworkFailure } from "./failure-of.ts"

/** How often a registry that does not answer is asked, and the pause after the first time; it doubles: 1.5, 3, 6, 12 s. */
export type NetworkRetry = { attempts: number; firstDelayMs: number }
export const NETWORK_RETRY: NetworkRetry = { attempts: 5, firstDelayMs: 1500 }

/**
 * Calls the engine again when the network or the registry's server failed it, so that a registry may be away for 20 seconds. A
 * refusal is final at once. `onRetry` gets what went wrong.
 */
export function withNetworkRetry<T>(
  operation: (attempt: number) => Promise<T>,
  { attempts, firstDelayMs }: NetworkRetry,
  signal: AbortSignal,
  onRetry: (why: string) => void,
): Promise<T> {
  let attempt = 0
  return retry(
    (count) => {
      attempt = count
      return operation(count)
    },
    {
      giveUpAfterMs: Number.POSITIVE_INFINITY,
      ...networkBackOff({ attempts, firstDelayMs }),
      isTransient: (error) => attempt < attempts && isNetworkFailure(error),
      signal,
      onRetry: (error) => onRetry(error instanceof Error ? error.message : String(error)),
    },
  )
}

/** The pauses between those calls. */
export function networkBackOff({ attempts, firstDelayMs }: NetworkRetry): BackOff {
  return { firstDelayMs, maxDelayMs: firstDelayMs * 2 ** attempts }
}
