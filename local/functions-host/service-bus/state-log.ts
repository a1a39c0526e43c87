import { writeLog } from "../write-log.ts"

/** One line when a queue's connection comes or goes, none for the attempts in between. */
export function createStateLog(fields: Record<string, string>) {
  let state = "connecting"
  return (next: "connected" | "disconnected", error?: string): void => {
    if (next === state) return
    state = next
    const level = next === "connected" ? "information" : "warning"
    writeLog(level, "host", `service bus ${next}`, error === undefined ? fields : { ...fields, error })
  }
}
