import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises"
import path from "node:path"
import { setTimeout as delay } from "node:timers/promises"
import { RUN_LABEL } from "../../builder/engine/clean-up.ts"
import type { EngineChoice } from "../../builder/engine/engine.ts"
import type { BuilderLaunch, LaunchedBuilder } from "../../shared/builders/launcher.ts"
import { AppError } from "../../shared/errors.ts"
import type { RotatingLog } from "../supervisor/rotating-log.ts"
import { type Child, spawnChild } from "../supervisor/spawn-child.ts"
import { builderEnvironment } from "./builder-environment.ts"
import { prefixLines } from "./prefix-lines.ts"
import { removeEngineLeftovers } from "./remove-engine-leftovers.ts"

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

/** `builds/<name>.run` holds the run id of the builder in `builds/<name>/`. */
const RUN_FILE_END = ".run"

/** Pauses before an engine that could not be asked is asked again; they double. */
const FIRST_REMOVAL_PAUSE_MS = 1_000
const LAST_REMOVAL_PAUSE_MS = 60_000

/** Ended builders are listed for so long, so that who asks can tell "ended" from "never started". */
const REMEMBER_MS = 600_000

type Entry = {
  launch: BuilderLaunch
  isRunning: boolean
  isStopRequested: boolean
  isUsingEngine: boolean
  child?: Child
  spawned: Promise<void>
  ended: Promise<void>
  endedAt?: number
}

export type BuilderPool = ReturnType<typeof createBuilderPool>

/**
 * Owns the builder processes of one stack: each has a work folder and, where we may, a PID namespace of its own, and when
 * it ends, however, its folder and what the engine still holds of its run are removed.
 */
export function createBuilderPool(options: BuilderPoolOptions) {
  const { log } = options
  const buildsFolder = path.join(options.dataFolder, "builds")
  const entries = new Map<string, Entry>()
  let isClosed = false
  const ready = removeLeftovers()

  /**
   * What a supervisor that was killed could not remove. Nobody builds yet: all of it is dead. Which runs those are is in
   * files beside the work folders, so that two stacks on one engine leave each other's runs alone.
   */
  async function removeLeftovers(): Promise<void> {
    for (const name of await readdir(buildsFolder).catch(() => [])) {
      const at = path.join(buildsFolder, name)
      if (!name.endsWith(RUN_FILE_END)) await removeFolder(at)
      else if (await removeFromEngine((await readFile(at, "utf8")).trim())) await removeFolder(at)
    }
  }

  /** False when the engine could not be asked or keeps something: to be tried again at the next start. */
  async function removeFromEngine(runId: string): Promise<boolean> {
    const choice = await options.engine.catch(() => undefined)
    if (choice === undefined) return false
    try {
      const removed = await removeEngineLeftovers(choice, `${RUN_LABEL}=${runId}`, options.env)
      if (removed.length > 0) log.note(`removed what run ${runId} left in the engine: ${removed.join(", ")}`)
      return true
    } catch (error) {
      log.note(`could not remove what run ${runId} left in the engine: ${String(error)}`)
      return false
    }
  }

  /** An engine that was killed with its builds is back soon, and still has their networks. */
  async function removeLater({ runId }: BuilderLaunch, note: string): Promise<void> {
    for (let pauseMs = FIRST_REMOVAL_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LAST_REMOVAL_PAUSE_MS)) {
      await delay(pauseMs, undefined, { ref: false })
      // Whoever builds the run again, or starts the stack again, cleans up for this builder too.
      if (isClosed || running().some(({ launch }) => launch.runId === runId)) return
      if (await removeFromEngine(runId)) return removeFolder(note)
    }
  }

  async function removeFolder(folder: string): Promise<void> {
    await rm(folder, { recursive: true, force: true, maxRetries: 3, retryDelay: 100 }).catch((error) =>
      log.note(`could not remove ${folder}: ${String(error)}`),
    )
  }

  const running = () => [...entries.values()].filter((entry) => entry.isRunning)
  const ofSameRun = (entry: Entry) =>
    running().filter((other) => other !== entry && other.launch.runId === entry.launch.runId)

  async function spawnBuilder(entry: Entry, earlier: Entry[]): Promise<void> {
    const { launch } = entry
    await ready
    // Cleaning up after an earlier attempt goes by the run's label: it must not meet what this attempt starts.
    await Promise.all(earlier.filter(({ child }) => child?.isGone()).map(({ ended }) => ended))
    if (entry.isStopRequested) return
    entry.isUsingEngine = true
    const workFolder = path.join(buildsFolder, launch.name)
    await removeFolder(workFolder)
    await mkdir(workFolder, { recursive: true, mode: 0o700 })
    await writeFile(`${workFolder}${RUN_FILE_END}`, launch.runId, { mode: 0o600 })
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
      const workFolder = path.join(buildsFolder, launch.name)
      await removeFolder(workFolder)
      // Another attempt of the same run, if there is one, cleans up for both.
      const isLast = !ofSameRun(entry).some(({ isUsingEngine }) => isUsingEngine)
      if (!isLast || (await removeFromEngine(launch.runId))) await removeFolder(`${workFolder}${RUN_FILE_END}`)
      else void removeLater(launch, `${workFolder}${RUN_FILE_END}`)
    }
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
