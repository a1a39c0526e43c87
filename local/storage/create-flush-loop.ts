/** A write waits this long for others, so that a burst is saved once. */
const GATHER_MS = 15
/** A save slower than this is not repeated at once … */
const FAST_SAVE_MS = 10
/** … but only so often that saving takes a twentieth of the time. */
const SLOW_PAUSE_FACTOR = 19
const RETRY_MS = 1000

export type FlushLoop = {
  /** Something may have changed: it will be saved soon. */
  touch(): void
  /** Resolves when all that had changed before the call is saved. Errors: the save's. */
  flush(): Promise<void>
  stop(): Promise<void>
}

/**
 * Saves what has changed: within 50 ms of a write while a save takes less than 10 ms, else at most 5 % of the time
 * (contracts.md, "Local stack"). A failed save is reported and tried again each second.
 */
export function createFlushLoop(deps: {
  isChanged(): boolean
  save(): Promise<void>
  onError(error: unknown): void
  now?: () => number
}): FlushLoop {
  const now = deps.now ?? (() => performance.now())
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> | undefined
  let earliest = 0
  let isStopped = false

  function touch(): void {
    if (timer !== undefined || running !== undefined || isStopped || !deps.isChanged()) return
    timer = setTimeout(
      () => {
        timer = undefined
        run().catch(() => undefined)
      },
      Math.max(GATHER_MS, earliest - now()),
    )
  }

  function run(): Promise<void> {
    running = runOnce().finally(() => {
      running = undefined
      touch()
    })
    return running
  }

  async function runOnce(): Promise<void> {
    const startedAt = now()
    try {
      await deps.save()
      const tookMs = now() - startedAt
      earliest = now() + (tookMs < FAST_SAVE_MS ? 0 : tookMs * SLOW_PAUSE_FACTOR)
    } catch (error) {
      earliest = now() + RETRY_MS
      deps.onError(error)
      throw error
    }
  }

  async function flush(): Promise<void> {
    if (running !== undefined) await running.catch(() => undefined)
    clearTimeout(timer)
    timer = undefined
    if (deps.isChanged()) await run()
  }

  async function stop(): Promise<void> {
    await flush()
    isStopped = true
    clearTimeout(timer)
  }

  return { touch, flush, stop }
}
