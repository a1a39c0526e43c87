import type { RunOutcome } from "../../shared/runs/run-status.ts"

const ENDINGS: Record<RunOutcome, string> = {
  Succeeded: "was successful after",
  Failed: "failed after",
  Error: "failed after",
  Canceled: "was canceled after",
  Timeout: "timed out after",
}

/** The last line of a log as ACR's service prints it (task-file 9): `Run ID: ca1 failed after 9s. Error: …`. */
export function lastLine(runId: string, outcome: RunOutcome, elapsedMs: number, message: string | undefined): string {
  const cause = message === undefined ? "" : `. Error: ${message}`
  return `Run ID: ${runId} ${ENDINGS[outcome]} ${formatElapsed(elapsedMs)}${cause}`
}

/** Whole seconds as Go prints durations: `28s`, `2m5s`, `1h0m0s`. */
export function formatElapsed(elapsedMs: number): string {
  const total = Math.round(elapsedMs / 1000)
  const hours = Math.floor(total / 3600)
  const minutes = Math.floor(total / 60) % 60
  const seconds = `${total % 60}s`
  if (hours > 0) return `${hours}h${minutes}m${seconds}`
  return minutes > 0 ? `${minutes}m${seconds}` : seconds
}
