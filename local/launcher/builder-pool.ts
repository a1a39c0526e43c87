import { mkdir } from "node:fs/promises"
import path from "node:path"
import type { EngineChoice } from "../../builder/engine/engine.ts"
import type { BuilderLaunch, LaunchedBuilder } from "../../shared/builders/launcher.ts"
import { AppError } from "../../shared/errors.ts"
import type { RotatingLog } from "../supervisor/rotating-log.ts"
import { type Child, spawnChild } from "../supervisor/spawn-child.ts"
import { builderEnvironment } from "./builder-environment.ts"
import { prefixLines } from "./prefix-lines.ts"
import { createRunLeftovers } from "./run-leftovers.ts"

export type BuilderPoolOptions = {
  dataFolder: string
  /** Program and leading arguments of a builder. */
  command: string
  args: string[]
  /** The clean environment that every builder starts with. */
  env: Record<string, string>
  caFile: string
  /** The engine, once it is known; undefined when none was found and each builder shall look for itself. */
  engine: Promise<EngineChoice | undefined>
  canNamespace: boolean
  maxBuilders: number
  /** Between SIGTERM and SIGKILL, milliseconds. */
  graceMs: number
  log: RotatingLog
  now: () => number
}

/** Ended builders are listed for so long, so that who asks can tell "ended" from "never started". */
const REMEMBER_MS = 600_000

type Entry = {
  launch: BuilderLaunch
  isRunning: boolean
  isStopRequested: boolean
  /** While it may start containers, and they may write into its folder. */
  isUsingEngine: boolean
  child?: Child
  spawned: Promise<void>
  ended: Promise<void>
  endedAt?: number
}

export type BuilderPool = ReturnType<typeof createBuilderPool>

/**
 * Owns the builder processes of one stack: each has a work folder and, where we may, a PID namespace of its own, and when
 * it ends, however, what the engine still holds of its run is removed, and then its folder.
 */
export function createBuilderPool(options: BuilderPoolOptions) {
  const { log } = options
  const buildsFolder = path.join(options.dataFolder, "builds")
  const entries = new Map<string, Entry>()
  let isClosed = false
  const leftovers = createRunLeftovers({
    ...{ buildsFolder, engine: options.engine, env: options.env, log },
    isInUse: (name) => entries.get(name)?.isUsingEngine === true,
    // Whoever builds the run again, or starts the stack again, cleans up for this builder too.
    isLeftToOthers: (runId) => isClosed || running().some(({ launch }) => launch.runId === runId),
  })
  const ready = leftovers.removeAll()

  const running = () => [...entries.values()].filter((entry) => entry.isRunning)
  const ofSameRun = (entry: Entry) =>
    running().filter((other) => other !== entry && other.launch.runId === entry.launch.runId)
  const isInUseByOther = (entry: Entry) => ofSameRun(entry).some(({ isUsingEngine }) => isUsingEngine)

  async function spawnBuilder(entry: Entry, earlier: Entry[]): Promise<void> {
    const { launch } = entry
    await ready
    // Cleaning up after an earlier attempt goes by the run's label: it must not meet what this attempt starts.
    await Promise.all(earlier.filter(({ child }) => child?.isGone()).map(({ ended }) => ended))
    if (leftovers.isLeft(launch.name) && !isInUseByOther(entry)) await leftovers.remove(launch.runId)
    if (leftovers.isLeft(launch.name)) throw new Error("an earlier builder's folder of this name cannot be removed yet")
    await leftovers.settled(launch.runId)
    if (entry.isStopRequested) return
    entry.isUsingEngine = true
    const workFolder = path.join(buildsFolder, launch.name)
    await mkdir(buildsFolder, { recursive: true, mode: 0o700 })
    await leftovers.note(launch.name, launch.runId)
    await mkdir(workFolder, { mode: 0o700 })
    const lines = prefixLines(`${launch.name} `, log.write)
    entry.child = spawnChild({
      command: options.command,
      args: options.args,
      env: builderEnvironment(launch, { ...options, workFolder, engine: await options.engine.catch(() => undefined) }),
      cwd: workFolder,
      isNamespaced: options.canNamespace,
      onOutput: lines.write,
    })
    log.note(`${launch.name} started, pid ${entry.child.pid}`)
    void entry.child.exited.then(lines.end)
  }

  async function superviseBuilder(entry: Entry): Promise<void> {
    const { launch } = entry
    await entry.spawned.catch((error) => log.note(`${launch.name} could not be started: ${String(error)}`))
    if (entry.child !== undefined) {
      const timer = setTimeout(
        () => {
          log.note(`${launch.name} has lived for its ${launch.maxLifetimeSeconds} s and is stopped`)
          void entry.child?.stop(options.graceMs)
        },
        Math.min(launch.maxLifetimeSeconds * 1000, 2 ** 31 - 1),
      )
      const exit = await entry.child.exited
      clearTimeout(timer)
      log.note(`${launch.name} ended: ${exit.text}`)
      entry.isUsingEngine = false
      // Another attempt of the same run, if there is one, cleans up for both.
      if (!isInUseByOther(entry) && !(await leftovers.remove(launch.runId))) void leftovers.removeLater(launch.runId)
    }
    entry.isUsingEngine = false
    entry.isRunning = false
    entry.endedAt = options.now()
  }

  async function stopEntry(entry: Entry, graceMs: number): Promise<void> {
    entry.isStopRequested = true
    await entry.spawned.catch(() => undefined)
    await entry.child?.stop(graceMs)
    await entry.ended
  }

  return {
    /** True when it was started now, false when it runs already. Errors: `LauncherUnavailable` at the limit or when closing. */
    async launch(launch: BuilderLaunch): Promise<boolean> {
      forgetOld()
      const known = entries.get(launch.name)
      if (known?.isRunning === true) {
        await known.spawned
        return false
      }
      if (isClosed) throw new AppError("LauncherUnavailable", "The stack is stopping.", { isRetryable: true })
      if (running().length >= options.maxBuilders) {
        const message = `${options.maxBuilders} builders run already, which is the limit (SLIPWAY_MAX_BUILDERS).`
        throw new AppError("LauncherUnavailable", message, { isRetryable: true })
      }
      const entry: Entry = {
        launch,
        isRunning: true,
        isStopRequested: false,
        isUsingEngine: false,
        spawned: Promise.resolve(),
        ended: Promise.resolve(),
      }
      entries.set(launch.name, entry)
      entry.spawned = spawnBuilder(entry, ofSameRun(entry))
      entry.ended = superviseBuilder(entry)
      await entry.spawned.catch((cause) => {
        throw new AppError("LauncherUnavailable", "The builder could not be started.", { isRetryable: true, cause })
      })
      return true
    },

    /** Returns when the builder and all it started are gone. */
    async stop(name: string): Promise<void> {
      const entry = entries.get(name)
      if (entry?.isRunning === true) await stopEntry(entry, options.graceMs)
    },

    list(): LaunchedBuilder[] {
      forgetOld()
      return [...entries.values()].map(({ launch: { name, runId, registryName }, isRunning }) => {
        return { name, runId, registryName, isRunning }
      })
    },

    /** Ends all builders and starts no more. */
    async close(graceMs = options.graceMs): Promise<void> {
      isClosed = true
      await Promise.all(running().map((entry) => stopEntry(entry, graceMs)))
    },
  }

  function forgetOld(): void {
    const oldest = options.now() - REMEMBER_MS
    for (const [name, { endedAt }] of entries) if (endedAt !== undefined && endedAt < oldest) entries.delete(name)
  }
}
