/** `ended`: the service has ended the run already. `terminated`: this process was told to go, nobody said why. */
export type StopReason = "canceled" | "timeout" | "ended" | "terminated"

/** Why and when a run is stopped before its time. The first reason stays. */
export type Stopper = {
  signal: AbortSignal
  reason(): StopReason | undefined
  stop(reason: StopReason): void
}

export function createStopper(): Stopper {
  const controller = new AbortController()
  let first: StopReason | undefined
  return {
    signal: controller.signal,
    reason: () => first,
    stop(reason) {
      first ??= reason
      controller.abort()
    },
  }
}
