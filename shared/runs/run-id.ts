import { randomInt } from "node:crypto"

const BASE = 36
const TIME_LENGTH = 8
const RANDOM_LENGTH = 4

/**
 * A new run id: base-36 milliseconds and four random characters, 12 lower-case letters and digits. No counter row: one
 * contends at 100 runs a second on two hosts (contracts, "Tables").
 */
export function newRunId(now: Date): string {
  const time = now.getTime().toString(BASE).padStart(TIME_LENGTH, "0")
  return (
    time +
    randomInt(BASE ** RANDOM_LENGTH)
      .toString(BASE)
      .padStart(RANDOM_LENGTH, "0")
  )
}

/** The smallest id that a run queued at that instant can have. */
export function oldestRunId(at: Date): string {
  return at.getTime().toString(BASE).padStart(TIME_LENGTH, "0") + "0".repeat(RANDOM_LENGTH)
}

/** Mirrors each digit (0 ↔ z), so that ascending keys list the newest run first. Its own inverse. */
export function invertRunId(runId: string): string {
  return runId.replace(/[0-9a-z]/g, (digit) => (BASE - 1 - Number.parseInt(digit, BASE)).toString(BASE))
}

/** True for text that could be a run id; anything else is a 404 without a look at the store. */
export function isRunId(text: string): boolean {
  return /^[0-9a-z]{1,12}$/.test(text)
}
