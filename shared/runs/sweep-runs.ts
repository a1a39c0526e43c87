import type { Launcher } from "../builders/launcher.ts"
import type { Log } from "../log.ts"
import type { Registry } from "../registry/registry.ts"
import { changeRun } from "./change-run.ts"
import { type EndRunDeps, endRun, settleRun } from "./end-run.ts"
import type { Run } from "./run.ts"
import type { RunQueue } from "./run-message.ts"
import { isTerminal } from "./run-status.ts"
import type { RunTable } from "./run-table.ts"
import { builderName } from "./start-run.ts"
import { type SweepLimits, type Verdict, verdictOn } from "./sweep-verdict.ts"

export type SweepRunsDeps = EndRunDeps & {
  runs: EndRunDeps["runs"] & Pick<RunTable, "getHeartbeat" | "listOpen">
  queue: RunQueue
  launcher: Pick<Launcher, "list" | "stop">
  registries: readonly Registry[]
  limits: SweepLimits
  log: Log
  /** When this process began: builders could not be heard before. */
  processStartedAt: Date
}

/**
 * Looks at every run that has not ended and mends what got stuck: sends again what was stored but never started, ends as
 * Error what its builder left, closes logs. Reads the open rows only. A run that cannot be mended now does not keep the
 * others waiting. Returns how many runs it acted on.
 */
export async function sweepRuns(deps: SweepRunsDeps): Promise<number> {
  const builders = await deps.launcher.list().catch((error: unknown) => {
    deps.log.warn("the launcher does not answer; builders are judged by their heartbeats", { error })
    return undefined
  })
  const alive =
    builders === undefined ? undefined : new Set(builders.filter((one) => one.isRunning).map((one) => one.name))
  let mended = 0
  for (const { key } of deps.registries) {
    for (const runId of await deps.runs.listOpen(key)) {
      try {
        if (await sweepRun(deps, { registry: key, runId }, alive)) mended++
      } catch (error) {
        deps.log.error("a run could not be swept", { registry: key, runId, error })
      }
    }
  }
  return mended
}

async function sweepRun(
  deps: SweepRunsDeps,
  id: { registry: string; runId: string },
  alive: Set<string> | undefined,
): Promise<boolean> {
  const stored = await deps.runs.get(id.registry, id.runId)
  if (stored === undefined) {
    await deps.runs.removeOpen(id.registry, id.runId)
    return true
  }
  const { run } = stored
  if (isTerminal(run.status)) {
    await settleRun(deps, run)
    return true
  }
  const heartbeat = run.status === "Running" ? await deps.runs.getHeartbeat(id.registry, id.runId) : undefined
  const verdict = verdictOn(run, {
    now: deps.now(),
    processStartedAt: deps.processStartedAt,
    lastHeartbeatAt: heartbeat?.at,
    isBuilderAlive: alive?.has(builderName(run)),
    limits: deps.limits,
  })
  if (verdict.type === "wait") return false
  deps.log.warn("a stuck run is mended", { runId: run.runId, registry: run.registry, status: run.status, ...verdict })
  await carryOut(deps, run, verdict)
  return true
}

async function carryOut(deps: SweepRunsDeps, run: Run, verdict: Exclude<Verdict, { type: "wait" }>): Promise<void> {
  // What was judged must still be so when it is carried out: a builder may have claimed meanwhile.
  const isAsJudged = (current: Run) => current.status === run.status && current.attempt === run.attempt
  const stopBuilder = () => deps.launcher.stop(builderName(run)).catch(() => undefined)
  if (verdict.type === "end") {
    const ended = await endRun(deps, run, verdict.outcome, verdict.message, isAsJudged)
    if (isTerminal(ended.status)) await stopBuilder()
    return
  }
  const { run: next, isChanged } = await changeRun(deps, run, (current) =>
    isAsJudged(current) ? { attempt: current.attempt + 1 } : undefined,
  )
  if (!isChanged) return
  if (run.launches > 0) await stopBuilder()
  await deps.queue.send({ v: 1, registry: next.registry, runId: next.runId, attempt: next.attempt, retry: 0 })
}
