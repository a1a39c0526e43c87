import path from "node:path"
import type { Part } from "./part.ts"
import { openRotatingLog } from "./rotating-log.ts"
import { createPartRun, type PartRun, type PartStatus } from "./run-part.ts"
import { defaultTimings, type Timings } from "./timings.ts"

export type SupervisorOptions = {
  parts: Part[]
  /** Exists. Each part logs to `<name>.log` in it. */
  logsFolder: string
  /** The clean environment that every part starts with. */
  env: Record<string, string>
  canNamespace: boolean
  timings?: Partial<Timings>
  onChange?: () => void
}

export type Supervisor = {
  /** Starts all parts at once, each as soon as those it comes `after` answer. Rejects when one will not come up. */
  start(): Promise<void>
  /** Ends all parts, each before those that it came after. What is left after `deadlineMs` is killed. Idempotent. */
  stop(deadlineMs: number): Promise<void>
  kill(): void
  status(): PartStatus[]
}

/** Runs the parts of the stack. Nothing is started before `start`. Errors: parts that wait for one another or for nobody. */
export function createSupervisor(options: SupervisorOptions): Supervisor {
  const { parts } = options
  const deps = {
    env: options.env,
    canNamespace: options.canNamespace,
    timings: { ...defaultTimings, ...options.timings },
    onChange: options.onChange ?? (() => undefined),
  }
  checkOrder(parts)
  const logs = parts.map((part) => openRotatingLog(path.join(options.logsFolder, `${part.name}.log`)))
  const runs = new Map<string, PartRun>()
  parts.forEach((part, index) => {
    const log = logs[index]
    if (log !== undefined) runs.set(part.name, createPartRun(part, { ...deps, log }))
  })
  let isStopping = false
  let stopped: Promise<void> | undefined

  function kill(): void {
    isStopping = true
    for (const run of runs.values()) run.kill()
  }

  return {
    async start() {
      await inOrder(
        parts,
        (part) => part.after ?? [],
        async (part) => {
          if (!isStopping) await runs.get(part.name)?.start()
        },
      )
    },
    stop(deadlineMs) {
      isStopping = true
      stopped ??= (async () => {
        const timer = setTimeout(kill, deadlineMs)
        const dependants = (part: Part) =>
          parts.filter(({ after }) => after?.includes(part.name)).map(({ name }) => name)
        await inOrder(parts, dependants, async (part) => {
          await runs.get(part.name)?.stop()
        })
        clearTimeout(timer)
        for (const log of logs) log.close()
      })()
      return stopped
    },
    kill,
    status: () => [...runs.values()].map((run) => run.status()),
  }
}

/** Does something for every part at once, but for each only when it is done for those in `first`. */
async function inOrder(
  parts: Part[],
  first: (part: Part) => string[],
  act: (part: Part) => Promise<void>,
): Promise<void> {
  const done = new Map<string, Promise<void>>()
  const visit = (part: Part): Promise<void> => {
    const known = done.get(part.name)
    if (known !== undefined) return known
    const earlier = parts.filter(({ name }) => first(part).includes(name))
    const result = Promise.all(earlier.map(visit)).then(() => act(part))
    done.set(part.name, result)
    return result
  }
  await Promise.all(parts.map(visit))
}

function checkOrder(parts: Part[]): void {
  const placed = new Set<string>()
  let waiting = parts
  while (waiting.length > 0) {
    const next = waiting.filter((part) => part.after?.every((name) => placed.has(name)) ?? true)
    if (next.length === 0) {
      throw new Error(
        `parts that wait for one another or for a part that is not there: ${waiting.map(({ name }) => name).join(", ")}`,
      )
    }
    for (const { name } of next) {
      if (placed.has(name)) throw new Error(`two parts are called ${name}`)
      placed.add(name)
    }
    waiting = waiting.filter((part) => !placed.has(part.name))
  }
}
