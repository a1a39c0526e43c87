const FIRST_MILLISECONDS = 250
const LONGEST_MILLISECONDS = 5000

/** Pause before an attempt is made again: attempt 0 has failed → 250 ms, then twice as long each time, at most 5 s (task-file 3.3). */
export function backOffMilliseconds(attempt: number): number {
  return Math.min(FIRST_MILLISECONDS * 2 ** Math.max(attempt, 0), LONGEST_MILLISECONDS)
}
