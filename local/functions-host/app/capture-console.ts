import { format, inspect } from "node:util"
import { type LogLevel, writeLog } from "../write-log.ts"

const LEVELS = { log: "information", info: "information", warn: "warning", error: "error", debug: "debug" } as const

/** What the app prints gets a time and a level, as in Azure, where it goes to Application Insights. For the whole process. */
export function captureConsole(target: Console): void {
  const print =
    (level: LogLevel) =>
    (text?: unknown, ...rest: unknown[]) => {
      writeLog(level, "user", format(text, ...rest))
    }
  for (const [name, level] of Object.entries(LEVELS)) Object.assign(target, { [name]: print(level) })
  // Tables, groups, counters, assertions and traces print by the ones above; this one does not.
  target.dir = (item, options) => writeLog("information", "user", inspect(item, { customInspect: false, ...options }))
}
