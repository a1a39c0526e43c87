/** The supervisor's intervals, milliseconds. Tests use shorter ones. */
export type Timings = {
  /** Between two looks at a part that has just been started. */
  healthPollMs: number
  /** Between two looks at a part that works. */
  healthWatchMs: number
  /** A look that takes longer counts as "no". */
  healthTimeoutMs: number
  /** A part must answer within this time after its start. */
  startTimeoutMs: number
  /** A part that dies this often before it has ever answered will not do so the next time. */
  maxStartAttempts: number
  restartMinMs: number
  restartMaxMs: number
  /** Healthy for so long, a part's next restart waits the shortest time again. */
  restartResetMs: number
}

export const defaultTimings: Timings = {
  healthPollMs: 15,
  healthWatchMs: 5_000,
  healthTimeoutMs: 2_000,
  startTimeoutMs: 60_000,
  maxStartAttempts: 3,
  restartMinMs: 100,
  restartMaxMs: 5_000,
  restartResetMs: 30_000,
}
