import type { RunOutcome } from "../../shared/runs/run-status.ts"
import { failureOf } from "../failures/failure-of.ts"
import { pause } from "../retry.ts"
import type { HeartbeatNews } from "../service/heartbeat.ts"
import type { Stopper } from "./stopper.ts"

/** How a run ended, and the cause in words when it is not plain. */
export type RunEnd = { outcome: RunOutcome; message?: string }

/**
 * Waits for the work, once it was stopped for `graceMs` at most. Undefined when the service has ended the run itself, so that
 * nothing is to be reported. `askService` is a heartbeat: a process that is told to go looks whether its run was cancelled.
 */
export async function howItEnded(
  work: Promise<void>,
  stopper: Stopper,
  deps: { graceMs: number; timeoutSeconds: number; askService(): Promise<HeartbeatNews> },
): Promise<RunEnd | undefined> {
  const settled = await settle(work, stopper.signal, deps.graceMs)
  const reason = stopper.reason()
  if (reason === "ended") return undefined
  if (settled.kind === "done") return { outcome: "Succeeded" }
  if (reason === "canceled") return { outcome: "Canceled" }
  if (reason === "timeout") {
    return { outcome: "Timeout", message: `The run took longer than its timeout of ${deps.timeoutSeconds} seconds.` }
  }
  if (reason === undefined && settled.kind === "failed") return failureOf(settled.error)

  const news = await deps.askService()
  if (news === "ended") return undefined
  if (news === "cancel") return { outcome: "Canceled" }
  return { outcome: "Error", message: "The builder was told to stop before the run had ended." }
}

type Settled = { kind: "done" } | { kind: "failed"; error: unknown } | { kind: "late" }

async function settle(work: Promise<void>, signal: AbortSignal, graceMs: number): Promise<Settled> {
  const over = new AbortController()
  const finished = work.then(
    (): Settled => ({ kind: "done" }),
    (error: unknown): Settled => ({ kind: "failed", error }),
  )
  const late = (async (): Promise<Settled> => {
    if (!signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }))
    await pause(graceMs, over.signal).catch(() => undefined)
    return { kind: "late" }
  })()
  const settled = await Promise.race([finished, late])
  over.abort()
  return settled
}
