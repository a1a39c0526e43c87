import type { ArmClient } from "../test/e2e/setup/arm-client.ts"
import { tarball } from "../test/e2e/setup/contexts.ts"
import type { TestStack } from "../test/e2e/setup/test-stack.ts"
import { builderSeconds } from "./builder-time.ts"

export type TimedBuild = { seconds: number; log: string }

/**
 * Builds and pushes through the service; the time from the claim to the finished event, as the run's own `startTime` and
 * `finishTime` tell it. It contains the rest of the claim's answer, a few milliseconds. Errors: a run that fails.
 */
export async function timedBuild(arm: ArmClient, files: [string, string][], image: string): Promise<TimedBuild> {
  const { run, log } = await succeeded(arm, files, { imageNames: [image] })
  return { seconds: (Date.parse(run.finishTime) - Date.parse(run.startTime)) / 1000, log }
}

/**
 * Runs a task file that comes with the request, on these files or on none; seconds from the spec to the finished event, see
 * {@link builderSeconds}. Errors: a run that fails.
 */
export async function timedTask(
  stack: Pick<TestStack, "state">,
  arm: ArmClient,
  text: string,
  files: [string, string][],
): Promise<number> {
  const encodedTaskContent = Buffer.from(text).toString("base64")
  const { runId } = await succeeded(arm, files, { type: "EncodedTaskRunRequest", encodedTaskContent })
  return await builderSeconds(stack, runId)
}

async function succeeded(arm: ArmClient, files: [string, string][], request: Record<string, unknown>) {
  const source = files.length === 0 ? {} : { sourceLocation: await arm.upload("slipway", tarball(files)) }
  const runId = await arm.schedule("slipway", { ...source, ...request })
  const run = await arm.finished("slipway", runId, 300)
  const { text: log } = await arm.readLog("slipway", runId)
  if (run.status !== "Succeeded") throw new Error(`the run ended as ${run.status}: ${log}`)
  return { runId, run, log }
}
