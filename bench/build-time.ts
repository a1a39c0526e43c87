import type { ArmClient } from "../test/e2e/setup/arm-client.ts"
import { tarball } from "../test/e2e/setup/contexts.ts"

export type TimedBuild = { seconds: number; log: string }

/**
 * Builds and pushes through the service; the time from the claim to the finished event, as the run's own `startTime` and
 * `finishTime` tell it. It contains the rest of the claim's answer, a few milliseconds. Errors: a run that fails.
 */
export async function timedBuild(arm: ArmClient, files: [string, string][], image: string): Promise<TimedBuild> {
  const { run, log } = await arm.build("slipway", tarball(files), { imageNames: [image] }, 300)
  if (run.status !== "Succeeded") throw new Error(`the run ended as ${run.status}: ${log.text}`)
  return { seconds: (Date.parse(run.finishTime) - Date.parse(run.startTime)) / 1000, log: log.text }
}
