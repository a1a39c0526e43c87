import type { TimerHandler } from "@azure/functions"
import { app } from "../../shared/app.ts"

/** One log event per tick that did something. An error is logged and waits for the next tick. */
export function timerOperation(name: string, handle: () => Promise<Record<string, number>>): TimerHandler {
  return async () => {
    const startedAt = performance.now()
    const { log } = app()
    const fields = () => ({ op: name, durationMs: Math.round(performance.now() - startedAt) })
    try {
      const counts = await handle()
      if (Object.values(counts).some((count) => count > 0)) log.info("tick", { ...fields(), ...counts })
    } catch (error) {
      log.error("tick", { ...fields(), error })
    }
  }
}
