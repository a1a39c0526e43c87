import { setTimeout as delay } from "node:timers/promises"
import type { Part } from "./part.ts"
import { processStartTime } from "./process-info.ts"
import type { RotatingLog } from "./rotating-log.ts"
import { type Child, type ChildExit, spawnChild } from "./spawn-child.ts"
import type { Timings } from "./timings.ts"

export type PartState = "waiting" | "starting" | "healthy" | "unhealthy" | "restarting" | "stopping" | "stopped"

export type PartStatus = {
  name: string
  title: string
  state: PartState
  /** ISO 8601, of the state. */
  since: string
  restarts: number
  pid?: number | undefined
  pidStartTime?: string | undefined
}

export type PartRun = {
  /** Settles when the part answers for the first time; rejects with {@link PartStartError} when it will not. */
  start(): Promise<void>
  stop(): Promise<void>
  kill(): void
  status(): PartStatus
}

/** Why a part did not come up; `tail` is the end of its log. */
export class PartStartError extends Error {
  override readonly name = "PartStartError"
  readonly part: string
  readonly tail: string[]

  constructor(part: string, reason: string, tail: string[]) {
    super(`${part} did not start: ${reason}`)
    this.part = part
    this.tail = tail
  }
}

export type PartRunDeps = {
  log: RotatingLog
  /** The clean environment that every part starts with. */
  env: Record<string, string>
  canNamespace: boolean
  timings: Timings
  onChange(): void
}

/** Keeps one part running: waits until it answers, watches it, and starts it again, ever more slowly, when it dies. */
export function createPartRun(part: Part, deps: PartRunDeps): PartRun {
  const { log, timings } = deps
  const stopping = new AbortController()
  let status: PartStatus = { name: part.name, title: part.title, state: "waiting", since: isoNow(), restarts: 0 }
  let child: Child | undefined
  let running: Promise<void> = Promise.resolve()

  function change(next: Partial<PartStatus>): void {
    status = { ...status, ...next, ...(next.state === status.state ? {} : { since: isoNow() }) }
    deps.onChange()
  }

  function spawnPart(): Child {
    const started = spawnChild({
      command: part.command,
      args: part.args,
      env: { ...deps.env, ...part.env },
      isNamespaced: part.isNamespaced === true && deps.canNamespace,
      onOutput: log.write,
    })
    child = started
    change({ pid: started.pid, pidStartTime: started.pid === undefined ? undefined : processStartTime(started.pid) })
    return started
  }

  function askHealth(): Promise<boolean> {
    const tooLate = delay(timings.healthTimeoutMs, false, { ref: false })
    return Promise.race([part.isHealthy().catch(() => false), tooLate])
  }

  /** Looks until the part answers; false when it ended or took too long. */
  async function becomesHealthy(isGone: () => boolean): Promise<boolean> {
    const deadline = performance.now() + timings.startTimeoutMs
    while (!isGone() && !stopping.signal.aborted && performance.now() < deadline) {
      if ((await askHealth()) && !isGone()) return true
      await delay(timings.healthPollMs)
    }
    return false
  }

  async function watch(isGone: () => boolean): Promise<void> {
    while (!isGone() && !stopping.signal.aborted) {
      await delay(timings.healthWatchMs, undefined, { ref: false, signal: stopping.signal }).catch(() => undefined)
      if (isGone() || stopping.signal.aborted) return
      const state = (await askHealth()) ? "healthy" : "unhealthy"
      if (state === status.state || isGone() || stopping.signal.aborted) continue
      log.note(state === "healthy" ? "answers again" : "does not answer")
      change({ state })
    }
  }

  /** One life of the process, until it has ended. */
  async function live(onHealthy: () => void): Promise<{ exit: ChildExit; healthyMs: number; isHung: boolean }> {
    const current = spawnPart()
    let isGone = false
    void current.exited.then(() => {
      isGone = true
    })
    let healthyAt: number | undefined
    let isHung = false
    if (await becomesHealthy(() => isGone)) {
      healthyAt = performance.now()
      change({ state: "healthy" })
      onHealthy()
      void watch(() => isGone)
    } else if (!isGone && !stopping.signal.aborted) {
      isHung = true
      log.note(`did not answer within ${timings.startTimeoutMs / 1000} s`)
      current.kill()
    }
    const exit = await current.exited
    return { exit, healthyMs: healthyAt === undefined ? 0 : performance.now() - healthyAt, isHung }
  }

  async function run(onHealthy: () => void, onFailed: (error: PartStartError) => void): Promise<void> {
    let waitMs = timings.restartMinMs
    let wasHealthy = false
    change({ state: "starting" })
    for (let attempt = 1; !stopping.signal.aborted; attempt += 1) {
      const { exit, healthyMs, isHung } = await live(() => {
        wasHealthy = true
        onHealthy()
      })
      if (stopping.signal.aborted) break
      // What ends at once may do better the next time (a port that is just being freed); what hangs will hang again.
      if (!wasHealthy && (isHung || attempt >= timings.maxStartAttempts)) {
        const reason = isHung ? `it did not answer within ${timings.startTimeoutMs / 1000} s` : exit.text
        onFailed(new PartStartError(part.name, reason, log.tail(20)))
        break
      }
      if (healthyMs >= timings.restartResetMs) waitMs = timings.restartMinMs
      log.note(`${exit.text}; starting it again in ${waitMs} ms`)
      change({ state: "restarting", restarts: status.restarts + 1, pid: undefined, pidStartTime: undefined })
      await delay(waitMs, undefined, { signal: stopping.signal }).catch(() => undefined)
      waitMs = Math.min(waitMs * 2, timings.restartMaxMs)
    }
    change({ state: "stopped", pid: undefined, pidStartTime: undefined })
  }

  return {
    start: () =>
      new Promise((resolve, reject) => {
        running = run(resolve, reject)
        running.then(() => reject(new PartStartError(part.name, "it was stopped", [])), reject)
      }),
    async stop() {
      stopping.abort()
      if (child !== undefined && status.state !== "stopped") {
        change({ state: "stopping" })
        await child.stop(part.stopTimeoutMs)
      }
      await running
      change({ state: "stopped", pid: undefined, pidStartTime: undefined })
    },
    kill() {
      stopping.abort()
      child?.kill()
    },
    status: () => status,
  }
}

function isoNow(): string {
  return new Date().toISOString()
}
