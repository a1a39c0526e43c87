import { z } from "zod"

/** Run status as ARM shows it (`arm-contract` 12, RunProperties.status). It moves one way; see {@link canMove}. */
export const RunStatus = z.enum(["Queued", "Started", "Running", "Succeeded", "Failed", "Canceled", "Error", "Timeout"])
export type RunStatus = z.infer<typeof RunStatus>

/** How a run ends: Failed is the user's build, Error is the service's or the engine's. */
export const RunOutcome = RunStatus.extract(["Succeeded", "Failed", "Canceled", "Error", "Timeout"])
export type RunOutcome = z.infer<typeof RunOutcome>

/** True when no event, cancel or sweep may change the run any more. */
export function isTerminal(status: RunStatus): status is RunOutcome {
  return RunOutcome.safeParse(status).success
}

const NEXT: Record<"Queued" | "Started" | "Running", readonly RunStatus[]> = {
  // A builder may claim before the service has noted that it was launched.
  Queued: ["Started", "Running", "Canceled", "Error"],
  Started: ["Running", "Canceled", "Error", "Timeout"],
  Running: RunOutcome.options,
}

/** The state machine: Queued → Started (handed to a launcher) → Running (claimed by a builder) → an outcome. */
export function canMove(from: RunStatus, to: RunStatus): boolean {
  return isTerminal(from) ? false : NEXT[from as keyof typeof NEXT].includes(to)
}
