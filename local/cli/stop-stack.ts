import { setTimeout as delay } from "node:timers/promises"
import { readLocalSettings } from "../config.ts"
import { processStartTime } from "../supervisor/process-info.ts"
import { readRunningSupervisor, removeSupervisorFile } from "../supervisor/supervisor-file.ts"
import { parseArguments } from "./parse-arguments.ts"
import { complain, duration, say } from "./terminal.ts"

const HELP = `npm stop

Ends the stack of this data folder (SLIPWAY_DATA) and waits until all of it is gone.`

/** The supervisor kills what is left after five seconds; twice that, and it is the supervisor itself that hangs. */
const PATIENCE_MS = 10_000
const POLL_MS = 20

/** `npm stop`. Exit code 0 when nothing runs any more. */
export async function stopStack(args: string[]): Promise<number> {
  const parsed = parseArguments(args, {}, HELP)
  if ("exit" in parsed) return parsed.exit
  try {
    const { SLIPWAY_DATA: dataFolder } = readLocalSettings()
    const running = readRunningSupervisor(dataFolder)
    if (running === undefined) {
      say(`No stack runs on ${dataFolder}.`)
      return 0
    }
    const startedAt = performance.now()
    const processes = [running, ...running.parts].flatMap(({ pid, pidStartTime }) =>
      pid === undefined || pidStartTime === undefined ? [] : [{ pid, pidStartTime }],
    )
    const isLeft = () => processes.some(({ pid, pidStartTime }) => processStartTime(pid) === pidStartTime)
    process.kill(running.pid, "SIGTERM")
    while (isLeft() && performance.now() - startedAt < PATIENCE_MS) await delay(POLL_MS)
    if (isLeft()) {
      say("It does not end by itself and is killed.")
      process.kill(running.pid, "SIGKILL")
      while (isLeft()) await delay(POLL_MS)
      removeSupervisorFile(dataFolder)
    }
    say(`Stopped after ${duration(performance.now() - startedAt)}.`)
    return 0
  } catch (error) {
    complain(error)
    return 1
  }
}
