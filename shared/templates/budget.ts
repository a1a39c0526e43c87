import { LimitReached } from "./template-mistake.ts"

/** `maxOutputBytes` bounds the result and every text made on the way (UTF-16 units); a step is one node, call or 16 characters. */
export type Limits = { maxOutputBytes: number; maxSteps: number; timeoutMs: number }

export const defaultLimits: Limits = { maxOutputBytes: 4 * 1024 * 1024, maxSteps: 5_000_000, timeoutMs: 5_000 }

export type Budget = ReturnType<typeof createBudget>

/** Counts what a rendering costs, so that a template can neither hang nor fill the memory. Every method throws `LimitReached`. */
export function createBudget(limits: Limits) {
  const deadline = performance.now() + limits.timeoutMs
  let steps = 0
  let nextLook = 0

  /** Before and while work is done. */
  function spend(units: number): void {
    steps += units
    if (steps > limits.maxSteps) throw new LimitReached(`the template does too much (limit: ${limits.maxSteps} steps)`)
    if (steps < nextLook) return
    nextLook = steps + 2_000
    if (performance.now() > deadline)
      throw new LimitReached(`the template takes too long (limit: ${limits.timeoutMs} ms)`)
  }

  /** While a text grows to that many characters. */
  function check(size: number): void {
    if (size <= limits.maxOutputBytes) return
    throw new LimitReached(`the template makes a text or list that is too long (limit: ${limits.maxOutputBytes})`)
  }

  /** Before a text or list of that many characters or items is made. */
  function reserve(size: number): void {
    check(size)
    spend(size / 16)
  }

  return { spend, check, reserve }
}
