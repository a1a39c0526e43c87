/**
 * host.json's `maxConcurrentRequests` and `maxOutstandingRequests` (-1: no limit). `enter` gives undefined when the request
 * is to be refused with 429, else a function to call when it has ended. Outstanding counts running and waiting together.
 */
export function createRequestGate(limits: { maxConcurrentRequests: number; maxOutstandingRequests: number }) {
  const concurrent = limits.maxConcurrentRequests === -1 ? Number.POSITIVE_INFINITY : limits.maxConcurrentRequests
  const outstanding = limits.maxOutstandingRequests === -1 ? Number.POSITIVE_INFINITY : limits.maxOutstandingRequests
  const waiting: (() => void)[] = []
  let running = 0

  const leave = () => {
    const next = waiting.shift()
    if (next === undefined) running -= 1
    else next()
  }
  return {
    enter(): Promise<() => void> | (() => void) | undefined {
      if (running + waiting.length >= outstanding) return undefined
      if (running < concurrent) {
        running += 1
        return leave
      }
      return new Promise((resolve) => {
        waiting.push(() => resolve(leave))
      })
    },
  }
}
