import { readLocalSettings } from "../config.ts"
import { readRunningSupervisor, type SupervisorFile } from "../supervisor/supervisor-file.ts"
import { engineLine } from "./banner.ts"
import { parseArguments } from "./parse-arguments.ts"
import { complain, duration, paint, say } from "./terminal.ts"

const HELP = `npm run -s status [-- --json]

Says what runs on this data folder (SLIPWAY_DATA), one line a part.
  --json   the same for programs
Exit code 0 when the stack is ready and every part answers, 3 when none runs, 1 otherwise.`

/** `npm run status`. */
export function showStatus(args: string[]): number {
  const parsed = parseArguments(args, { json: { type: "boolean" } }, HELP)
  if ("exit" in parsed) return parsed.exit
  try {
    const { SLIPWAY_DATA: dataFolder } = readLocalSettings()
    const running = readRunningSupervisor(dataFolder)
    if (parsed.values.json === true)
      say(JSON.stringify({ isRunning: running !== undefined, dataFolder, ...running }, undefined, 2))
    else if (running === undefined) say(`No stack runs on ${dataFolder}. npm start starts one.`)
    else say(describe(running))
    if (running === undefined) return 3
    return running.state === "ready" && running.parts.every(({ state }) => state === "healthy") ? 0 : 1
  } catch (error) {
    complain(error)
    return 1
  }
}

function describe(running: SupervisorFile): string {
  const now = Date.now()
  const nameWidth = Math.max(...running.parts.map(({ name }) => name.length), 0)
  const lines = running.parts.map(({ name, title, state, since, restarts, pid }) => {
    const age = duration(now - Date.parse(since))
    const restarted = restarts === 0 ? "" : ` (started again ${restarts} times)`
    const colour = state === "healthy" ? "green" : "yellow"
    return `${name.padEnd(nameWidth)}  ${paint(state.padEnd(10), colour)}  ${age.padStart(7)}  pid ${String(pid ?? "-").padEnd(8)} ${title}${restarted}`
  })
  const head = `${running.url}  ${running.state}, pid ${running.pid}, since ${running.startedAt}, registry ${running.registry}`
  return [head, ...lines, ...(running.engine === undefined ? [] : [engineLine(running.engine)])].join("\n")
}
