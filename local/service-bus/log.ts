export type Log = (event: string, fields?: Record<string, unknown>) => void

/** One JSON line per event on stdout, which the supervisor keeps in `logs/service-bus.log`. */
export const log: Log = (event, fields = {}) => {
  process.stdout.write(`${JSON.stringify({ at: new Date().toISOString(), event, ...fields })}\n`)
}
