/** Fields of one structured event. An `Error` is written as its code, message and causes; values are never secrets. */
export type LogFields = Record<string, unknown>

/** The service log: one structured event per unit of work. Static text, facts in fields (style, "Two logs"). */
export type Log = {
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
}

type Write = (level: "info" | "warn" | "error", line: string) => void

/** A log that writes each event as one line of JSON. */
export function createLog(write: Write, base: LogFields = {}): Log {
  const event =
    (level: "info" | "warn" | "error") =>
    (message: string, fields: LogFields = {}) => {
      const entries = Object.entries({ ...base, ...fields }).map(([key, value]) => [key, plain(value)])
      write(level, JSON.stringify({ time: new Date().toISOString(), level, message, ...Object.fromEntries(entries) }))
    }
  return { info: event("info"), warn: event("warn"), error: event("error") }
}

/** A log on the console, which the Functions host hands to Application Insights with its level. */
export function createConsoleLog(base?: LogFields): Log {
  return createLog((level, line) => console[level](line), base)
}

/** Says nothing; for tests and for callers that have no log. */
export const silentLog: Log = { info() {}, warn() {}, error() {} }

const MAX_CAUSES = 5

function plain(value: unknown, depth = 0): unknown {
  if (!(value instanceof Error)) return value
  const { code } = value as { code?: unknown }
  return {
    name: value.name,
    ...(typeof code === "string" ? { code } : {}),
    // SAS signatures stand in the URLs that some libraries put into their messages.
    message: value.message.replace(/sig=[^&\s"']+/g, "sig=***"),
    ...(value.cause === undefined || depth >= MAX_CAUSES ? {} : { cause: plain(value.cause, depth + 1) }),
    ...(code === undefined && value.cause === undefined ? { stack: value.stack } : {}),
  }
}
