import { spawn } from "node:child_process"
import { closeSync, mkdirSync, openSync } from "node:fs"
import path from "node:path"
import { setTimeout as delay } from "node:timers/promises"
import type { LocalSettings } from "../local-settings.ts"
import { npmCommand } from "../npm-command.ts"
import { backgroundScript } from "./background-script.ts"
import { banner, engineLine } from "./banner.ts"
import { StartMessage } from "./start-message.ts"
import { complain, say } from "./terminal.ts"

type EngineMessage = Extract<StartMessage, { type: "engine" }>

/** An engine of the machine is known after a second or two. One that hangs must not make the command hang. */
const ENGINE_PATIENCE_MS = 10_000

/** Starts this very command in the background and waits until it says that it is ready, or why not. Returns the exit code. */
export async function startDetached(settings: LocalSettings): Promise<number> {
  const logsFolder = path.join(settings.SLIPWAY_DATA, "logs")
  mkdirSync(logsFolder, { recursive: true, mode: 0o700 })
  const log = openSync(path.join(logsFolder, "supervisor.log"), "a", 0o600)
  const child = spawn(process.execPath, [...process.execArgv, backgroundScript(process.argv[1] ?? "")], {
    detached: true,
    stdio: ["ignore", log, log, "ipc"],
  })
  closeSync(log)
  const interrupt = () => child.kill("SIGTERM")
  process.on("SIGINT", interrupt)
  const engine = Promise.withResolvers<EngineMessage | undefined>()
  const message = await new Promise<Exclude<StartMessage, EngineMessage>>((resolve) => {
    child.on("message", (data) => {
      const said = StartMessage.parse(data)
      if (said.type === "engine") engine.resolve(said)
      else resolve(said)
    })
    child.once("error", (error) => resolve({ type: "failed", message: error.message, tail: [] }))
    child.once("disconnect", () => engine.resolve(undefined))
    child.once("exit", (code, signal) => {
      resolve({ type: "failed", message: `it ended while starting (${signal ?? `exit code ${code}`})`, tail: [] })
    })
  })
  process.off("SIGINT", interrupt)
  if (message.type === "failed") {
    complain(message.message)
    for (const line of message.tail) process.stderr.write(`  ${line}\n`)
  } else {
    const { dataFolder } = message.facts
    const status = npmCommand("npm run -s status", dataFolder)
    say(banner({ ...message.facts, stop: `${npmCommand("npm stop", dataFolder)} ends it; ${status} says what runs.` }))
    const known = await Promise.race([engine.promise, delay(ENGINE_PATIENCE_MS, undefined, { ref: false })])
    say(
      known === undefined ? `Which container engine is not known yet: ${status} says it.` : engineLine(choiceOf(known)),
    )
  }
  if (child.connected) child.disconnect()
  child.unref()
  return message.type === "failed" ? 1 : 0
}

function choiceOf({ reason }: EngineMessage): { reason: string } | undefined {
  return reason === undefined ? undefined : { reason }
}
