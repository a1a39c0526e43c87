import { z } from "zod"
import type { AppFunction } from "../app/core-types.ts"
import { expandSettings } from "../app/expand-settings.ts"
import { nextOccurrence } from "./next-occurrence.ts"
import { parseNcrontab } from "./parse-ncrontab.ts"

const TimerTrigger = z.object({
  schedule: z.string(),
  runOnStartup: z.boolean().default(false),
  useMonitor: z.boolean().default(true),
})

export type Timer = {
  fn: AppFunction
  runOnStartup: boolean
  /** Keeps a status file. Never for a schedule that comes round more than once a minute, as in Azure. */
  isMonitored: boolean
  next(after: Date): Date
}

/** The timer of a function. Errors: a schedule that is none, or that never comes. */
export function timerOf(fn: AppFunction, appSettings: Record<string, string>, now: Date): Timer {
  const trigger = TimerTrigger.parse(fn.trigger)
  const schedule = parseNcrontab(expandSettings(trigger.schedule, appSettings))
  const next = (after: Date): Date => {
    const found = nextOccurrence(schedule, after)
    if (found === undefined) throw new Error(`schedule "${schedule.expression}" never comes`)
    return found
  }
  const second = next(next(now))
  const isFrequent = second.getTime() - now.getTime() <= 60_000
  return { fn, runOnStartup: trigger.runOnStartup, isMonitored: trigger.useMonitor && !isFrequent, next }
}
