import { type LogFields, type LogLevel, writeLog } from "../write-log.ts"
import type { Hooks } from "./hooks.ts"

export type AppLog = (
  level: LogLevel,
  category: "user" | "system",
  message: string,
  fields?: LogFields,
  invocationContext?: unknown,
) => void

/** Writes what the app and the library log, after the app's log hooks have had it: they may change level and message. */
export function createAppLog(hooks: Hooks): AppLog {
  let isInsideHook = false
  return (level, category, message, fields, invocationContext) => {
    const entry = { level, category, message, invocationContext, hookData: {}, appHookData: hooks.appHookData }
    // A log hook that logs would call itself for ever: what it logs goes past the hooks.
    if (hooks.has("log") && !isInsideHook) {
      isInsideHook = true
      try {
        hooks.runLog(entry)
      } finally {
        isInsideHook = false
      }
    }
    if (entry.level !== "none" && !isNoise(entry.level, entry.category)) {
      writeLog(entry.level, entry.category, entry.message, fields)
    }
  }
}

/** The host's default minimum is `information`: debug and trace of the library are off, those of the app are written. */
function isNoise(level: LogLevel, category: string): boolean {
  return category === "system" && (level === "debug" || level === "trace")
}
