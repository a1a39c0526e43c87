import type { LocalSettings } from "../local-settings.ts"
import { type RunningStack, runStack, type StackDeps } from "../run-stack.ts"
import { readStartSettings } from "../start-settings.ts"
import { PartStartError } from "../supervisor/run-part.ts"
import { banner, engineLine } from "./banner.ts"
import { parseArguments } from "./parse-arguments.ts"
import { startDetached } from "./start-detached.ts"
import type { StartMessage } from "./start-message.ts"
import { complain, duration, say } from "./terminal.ts"

const HELP = `npm start [-- --detach]

Starts the local stack: sign-in, API, storage, queues, registry, on this machine only.
  --detach   return when it is ready; npm stop ends it, npm run -s status shows it
Settings (SLIPWAY_DATA, SLIPWAY_PORT and more): see the table in README.md.`

/** One Ctrl-C arrives twice: from the terminal, and from npm, which passes on what it got. */
const SAME_KEY_MS = 500

/** `npm start`. Returns the exit code, in the foreground when the stack has ended. */
export async function startStack(args: string[], deps: Omit<StackDeps, "signal">): Promise<number> {
  const parsed = parseArguments(args, { detach: { type: "boolean" } }, HELP)
  if ("exit" in parsed) return parsed.exit
  try {
    const settings = await readStartSettings(deps.env)
    if (parsed.values.detach === true) return await startDetached(settings)
    return await runInForeground(settings, deps)
  } catch (error) {
    const message: StartMessage = { type: "failed", message: messageOf(error), tail: tailOf(error) }
    tell(message)
    complain(error)
    for (const line of message.tail) process.stderr.write(`  ${line}\n`)
    return 1
  }
}

async function runInForeground(settings: LocalSettings, deps: Omit<StackDeps, "signal">) {
  const starting = new AbortController()
  let running: RunningStack | undefined
  const ended = Promise.withResolvers<void>()

  let askedAt = 0
  async function stop(): Promise<void> {
    if (starting.signal.aborted) {
      if (performance.now() - askedAt < SAME_KEY_MS) return
      // Asked a second time: at once. Every child dies with this process.
      running?.kill()
      process.exit(130)
    }
    askedAt = performance.now()
    starting.abort()
    if (running === undefined) return
    const startedAt = performance.now()
    say("Stopping …")
    await running.stop()
    say(`Stopped after ${duration(performance.now() - startedAt)}.`)
    ended.resolve()
  }
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => void stop())

  try {
    running = await runStack(settings, { ...deps, signal: starting.signal })
  } catch (error) {
    if (!starting.signal.aborted) throw error
    return 130
  }
  const facts = {
    url: `https://localhost:${running.stack.frontPort}`,
    registry: `127.0.0.1:${running.stack.registry.port}`,
    dataFolder: running.stack.dataFolder,
    readyMs: running.readyMs,
    host: running.stack.host,
  }
  if (process.send !== undefined) tell({ type: "ready", facts })
  else say(banner({ ...facts, stop: "Ctrl-C ends all of it." }))
  void running.engine.then((engine) => {
    if (starting.signal.aborted) return
    say(engineLine(engine))
    tell({ type: "engine", reason: engine?.reason }, () => process.connected && process.disconnect?.())
  })
  await ended.promise
  return 0
}

/** Says it to the command that started this one in the background; one that is gone by then misses nothing it wants. */
function tell(message: StartMessage, onSent: () => void = () => undefined): void {
  if (process.connected) process.send?.(message, undefined, undefined, onSent)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function tailOf(error: unknown): string[] {
  return error instanceof PartStartError ? error.tail : []
}
