import { mkdir } from "node:fs/promises"
import path from "node:path"
import type { EngineChoice } from "../builder/engine/engine.ts"
import { type BuilderPool, createBuilderPool } from "./launcher/builder-pool.ts"
import { serveLauncher } from "./launcher/launcher-server.ts"
import { launcherSocketPath } from "./launcher/launcher-socket.ts"
import type { LocalSettings } from "./local-settings.ts"
import { npmCommand } from "./npm-command.ts"
import { openStack } from "./stack.ts"
import type { StackState } from "./stack-state.ts"
import { loginServer, publicUrl } from "./stack-urls.ts"
import { canMakeNamespaces } from "./supervisor/child-command.ts"
import { lockFile } from "./supervisor/lock-file.ts"
import type { Part } from "./supervisor/part.ts"
import { processStartTime } from "./supervisor/process-info.ts"
import { openRotatingLog } from "./supervisor/rotating-log.ts"
import { createSupervisor, type Supervisor } from "./supervisor/supervisor.ts"
import {
  readSupervisorFile,
  removeSupervisorFile,
  type SupervisorFile,
  writeSupervisorFile,
} from "./supervisor/supervisor-file.ts"

export type StackDeps = {
  createParts(stack: StackState, settings: LocalSettings, env: Record<string, string>): Promise<Part[]>
  /** Called when the parts run, since one of them may be the engine; undefined when there is none. */
  chooseEngine(
    stack: StackState,
    settings: LocalSettings,
    env: Record<string, string>,
    signal: AbortSignal,
  ): Promise<EngineChoice | undefined>
  builderCommand(): { command: string; args: string[] }
  /** The operator's environment, and the clean one that every child starts with. */
  env: Record<string, string>
  cleanEnv: Record<string, string>
  /** Ends the stack while it is still being started. */
  signal: AbortSignal
}

export type RunningStack = {
  stack: StackState
  readyMs: number
  /** Which container engine; undefined when there is none. */
  engine: Promise<EngineChoice | undefined>
  /** Ends all of it within five seconds, gently where there is time. Idempotent. */
  stop(): Promise<void>
  /** At once. */
  kill(): void
}

/** The whole of a stop; what is left then is killed (the five seconds, with room to write it down). */
const STOP_MS = 4_500
/** What builders get of it. */
const BUILDERS_STOP_MS = 2_500

/**
 * Starts the stack of a data folder in this process and returns when every part answers. Errors: it runs already (who, since
 * when, where), a port is taken, a part does not come up (`PartStartError`); nothing is left running then.
 */
export async function runStack(settings: LocalSettings, deps: StackDeps): Promise<RunningStack> {
  const dataFolder = settings.SLIPWAY_DATA
  await mkdir(path.join(dataFolder, "run"), { recursive: true, mode: 0o700 })
  const lock = lockFile(path.join(dataFolder, "run", "lock"))
  if (lock === undefined) throw new Error(whoRuns(dataFolder))
  try {
    const running = await startLocked(settings, deps)
    return { ...running, stop: () => running.stop().finally(lock.release) }
  } catch (error) {
    removeSupervisorFile(dataFolder)
    lock.release()
    throw error
  }
}

async function startLocked(settings: LocalSettings, deps: StackDeps): Promise<RunningStack> {
  const stack = await openStack({
    dataFolder: settings.SLIPWAY_DATA,
    host: settings.SLIPWAY_HOST,
    frontPort: settings.SLIPWAY_PORT,
    registryPort: settings.SLIPWAY_REGISTRY_PORT,
    env: deps.env,
  })
  const logsFolder = path.join(stack.dataFolder, "logs")
  const env = { ...deps.cleanEnv, NODE_EXTRA_CA_CERTS: path.join(stack.dataFolder, "ca", "ca.pem") }
  const canNamespace = await canMakeNamespaces()
  const engine = Promise.withResolvers<EngineChoice | undefined>()
  const builderLog = openRotatingLog(path.join(logsFolder, "builders.log"))
  const pool = createBuilderPool({
    ...deps.builderCommand(),
    dataFolder: stack.dataFolder,
    env,
    caFile: env.NODE_EXTRA_CA_CERTS,
    engine: engine.promise,
    canNamespace,
    maxBuilders: settings.SLIPWAY_MAX_BUILDERS,
    graceMs: 5_000,
    log: builderLog,
    now: () => Date.now(),
  })
  const report = createReport(stack)
  const supervisor = createSupervisor({
    parts: await deps.createParts(stack, settings, deps.env),
    logsFolder,
    env,
    canNamespace,
    timings: { startTimeoutMs: settings.SLIPWAY_START_TIMEOUT_SECONDS * 1_000 },
    onChange: () => report.update({}, supervisor),
  })
  const launcher = await serveLauncher(launcherSocketPath(stack.dataFolder), pool)
  const choosing = new AbortController()
  let choice: Promise<void> | undefined
  let stopping: Promise<void> | undefined
  const stop = () => {
    engine.resolve(undefined)
    choosing.abort(new Error("the stack is stopping"))
    stopping ??= stopAll({ pool, supervisor, launcher, report, choice })
    return stopping
  }
  deps.signal.addEventListener("abort", () => void stop(), { once: true })
  try {
    deps.signal.throwIfAborted()
    await supervisor.start()
  } catch (error) {
    await stop()
    throw error
  }
  const readyMs = Math.round(performance.now())
  report.update({ state: "ready", readyMs }, supervisor)
  choice = deps.chooseEngine(stack, settings, deps.env, choosing.signal).then(engine.resolve, (error) => {
    builderLog.note(`no container engine: ${error instanceof Error ? error.message : String(error)}`)
    engine.resolve(undefined)
  })
  void engine.promise.then((choice) => stopping ?? report.update({ engine: choice }, supervisor))
  return { stack, readyMs, engine: engine.promise, stop, kill: supervisor.kill }
}

type Running = {
  pool: BuilderPool
  supervisor: Supervisor
  launcher: { close(): void }
  report: ReturnType<typeof createReport>
  /** Under way while an engine is looked for, which runs a container. */
  choice: Promise<void> | undefined
}

/** Builders first: while they end, what they report to and what cleans up after them is still there. */
async function stopAll({ pool, supervisor, launcher, report, choice }: Running): Promise<void> {
  const deadline = performance.now() + STOP_MS
  report.update({ state: "stopping" }, supervisor)
  await Promise.race([
    Promise.all([pool.close(BUILDERS_STOP_MS / 2), choice]),
    new Promise((resolve) => setTimeout(resolve, BUILDERS_STOP_MS).unref()),
  ])
  launcher.close()
  await supervisor.stop(Math.max(deadline - performance.now(), 0))
  report.remove()
}

/** Keeps `run/supervisor.json` true. */
function createReport(stack: StackState) {
  let isRemoved = false
  let content: SupervisorFile = {
    v: 1,
    pid: process.pid,
    pidStartTime: processStartTime(process.pid) ?? "",
    startedAt: new Date().toISOString(),
    state: "starting",
    url: publicUrl(stack),
    registry: loginServer(stack),
    parts: [],
  }
  writeSupervisorFile(stack.dataFolder, content)
  return {
    update(change: Partial<SupervisorFile>, supervisor: Supervisor): void {
      if (isRemoved) return
      content = { ...content, ...change, parts: supervisor.status() }
      writeSupervisorFile(stack.dataFolder, content)
    },
    remove(): void {
      isRemoved = true
      removeSupervisorFile(stack.dataFolder)
    },
  }
}

function whoRuns(dataFolder: string): string {
  const running = readSupervisorFile(dataFolder)
  if (running === undefined) return `a stack with the data folder ${dataFolder} is just being started`
  const { pid, startedAt, url } = running
  return `the stack runs already: pid ${pid}, since ${startedAt}, ${url} (data in ${dataFolder}). End it with ${npmCommand("npm stop", dataFolder)}`
}
