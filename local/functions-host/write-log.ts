/** Levels of the Functions library, most verbose first. */
export type LogLevel = "trace" | "debug" | "information" | "warning" | "error" | "critical" | "none"
export type LogFields = Record<string, unknown>

/**
 * One JSON line on stdout, for the part's log file. `category` says who speaks: the host, the library (`system`) or the app
 * (`user`). An app that logs JSON objects finds their fields beside the time and the level.
 */
export function writeLog(
  level: LogLevel,
  category: "host" | "system" | "user",
  message: string,
  fields?: LogFields,
): void {
  const head = { time: new Date().toISOString(), level, category }
  const said = (category === "user" ? fieldsOf(message, { ...head, ...fields }) : undefined) ?? { message }
  process.stdout.write(`${JSON.stringify({ ...head, ...said, ...fields })}\n`)
}

/** The fields of a line that is a JSON object; undefined also for one that a field of ours would hide a part of. */
function fieldsOf(text: string, ours: LogFields): LogFields | undefined {
  if (!text.startsWith("{")) return undefined
  try {
    const fields: LogFields = JSON.parse(text)
    return Object.keys(fields).some((name) => name in ours) ? undefined : fields
  } catch {
    return undefined
  }
}

/** What a log line says of something thrown: never more than its stack. */
export function errorText(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
