/** Levels of the Functions library, most verbose first. */
export type LogLevel = "trace" | "debug" | "information" | "warning" | "error" | "critical" | "none"
export type LogFields = Record<string, unknown>

/** One JSON line on stdout, for the part's log file. `category` says who speaks: the host, the library (`system`) or the app (`user`). */
export function writeLog(
  level: LogLevel,
  category: "host" | "system" | "user",
  message: string,
  fields?: LogFields,
): void {
  const line = { time: new Date().toISOString(), level, category, message, ...fields }
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

/** What a log line says of something thrown: never more than its stack. */
export function errorText(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
