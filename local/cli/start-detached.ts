import { spawn } from "node:child_process"
import { closeSync, mkdirSync, openSync } from "node:fs"
import path from "node:path"
import type { LocalSettings } from "../local-settings.ts"
import { backgroundScript } from "./background-script.ts"
import { banner } from "./banner.ts"
import { StartMessage } from "./start-message.ts"
import { complain, say } from "./terminal.ts"

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
  const message = await new Promise<StartMessage>((resolve) => {
    child.once("message", (data) => resolve(StartMessage.parse(data)))
    child.once("error", (error) => resolve({ type: "failed", message: error.message, tail: [] }))
    child.once("exit", (code, signal) => {
      resolve({ type: "failed", message: `it ended while starting (${signal ?? `exit code ${code}`})`, tail: [] })
    })
  })
  process.off("SIGINT", interrupt)
  if (child.connected) child.disconnect()
  child.unref()
  if (message.type === "failed") {
    complain(message.message)
    for (const line of message.tail) process.stderr.write(`  ${line}\n`)
    return 1
  }
  say(banner({ ...message.facts, stop: "npm stop ends it; npm run -s status says what runs." }))
  return 0
}
