import type { ArmClient } from "../test/e2e/setup/arm-client.ts"
import { tarball } from "../test/e2e/setup/contexts.ts"

export type TimedRun = { seconds: number; log: string }

/** Builds and pushes through the service; see {@link timedRun}. */
export function timedBuild(arm: ArmClient, files: [string, string][], image: string): Promise<TimedRun> {
  return timedRun(arm, files, { imageNames: [image] })
}

/** Runs a task file that comes with the request, on these files or on none; see {@link timedRun}. */
export function timedTask(arm: ArmClient, text: string, files: [string, string][]): Promise<TimedRun> {
  const encodedTaskContent = Buffer.from(text).toString("base64")
  return timedRun(arm, files, { type: "EncodedTaskRunRequest", encodedTaskContent })
}

/**
 * The time from the claim to the finished event, as the run's own `startTime` and `finishTime` tell it. It contains the rest of the
 * claim's answer, a few milliseconds. Errors: a run that fails.
 */
async function timedRun(
  arm: ArmClient,
  files: [string, string][],
  request: Record<string, unknown>,
): Promise<TimedRun> {
  const source = files.length === 0 ? {} : { sourceLocation: await arm.upload("slipway", tarball(files)) }
  const runId = await arm.schedule("slipway", { ...source, ...request })
  const run = await arm.finished("slipway", runId, 300)
  const log = (await arm.readLog("slipway", runId)).text
  if (run.status !== "Succeeded") throw new Error(`the run ended as ${run.status}: ${log}`)
  return { seconds: (Date.parse(run.finishTime) - Date.parse(run.startTime)) / 1000, log }
}
