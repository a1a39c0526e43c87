import { setTimeout as delay } from "node:timers/promises"

/** Pauses between attempts: the first, and how long they may grow. */
export type BackOff = { firstDelayMs: number; maxDelayMs: number }

export type RetryOptions = BackOff & {
  /** No new attempt starts this long after the first one. */
  giveUpAfterMs: number
  /** True when the same call may succeed later. */
  isTransient: (error: unknown) => boolean
  signal?: AbortSignal | undefined
  /** Called before each pause. */
  onRetry?: ((error: unknown, attempt: number) => void) | undefined
}

/** Calls `operation` until it succeeds, with growing pauses. Errors: the last one; the signal's reason when aborted. */
export async function retry<T>(operation: (attempt: number) => Promise<T>, options: RetryOptions): Promise<T> {
  const startedAt = performance.now()
  for (let attempt = 1; ; attempt += 1) {
    options.signal?.throwIfAborted()
    try {
      return await operation(attempt)
    } catch (error) {
      const pauseMs = backOffMs(attempt, options)
      const elapsedMs = performance.now() - startedAt
      if (!options.isTransient(error) || elapsedMs + pauseMs > options.giveUpAfterMs) throw error
      options.onRetry?.(error, attempt)
      await pause(pauseMs, options.signal)
    }
  }
}

/** Doubles from `firstDelayMs` to `maxDelayMs`, up to a quarter longer by chance so that builders do not call in step. */
export function backOffMs(attempt: number, limits: BackOff): number {
  const base = Math.min(limits.maxDelayMs, limits.firstDelayMs * 2 ** Math.min(attempt - 1, 30))
  return base * (1 + Math.random() / 4)
}

/** Waits. Rejects with the signal's reason when it is aborted before or meanwhile. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, signal === undefined ? {} : { signal })
  } catch (error) {
    signal?.throwIfAborted()
    throw error
  }
}
