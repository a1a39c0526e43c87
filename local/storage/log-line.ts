/** One JSON line to the part's log. Never given a query (signatures), a header or a body. */
export function logLine(level: "info" | "warn" | "error", fields: Record<string, unknown>): void {
  process.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), level, ...fields })}\n`)
}
