import type { ArmClient } from "./arm-client.ts"
import { type AzResult, az } from "./az-client.ts"
import { runIdOf } from "./az-output.ts"
import { azWithInput } from "./az-with-input.ts"
import type { TestStack } from "./test-stack.ts"

export type QueuedRun = AzResult & { runId: string; status: string; log: string }

/**
 * Queues a run or a build by az and reads by the API how it ended. az follows a log in steps of seconds: where only what it asks for
 * counts, nobody needs to wait for that. `input`: what az reads from its standard input.
 */
export async function queueByAz(stack: TestStack, arm: ArmClient, args: string[], input?: string): Promise<QueuedRun> {
  const words = [...args, "--no-wait"]
  const result = input === undefined ? await az(stack, words) : await azWithInput(stack, words, input)
  const runId = runIdOf(result.stderr)
  if (result.code !== 0 || runId === "") throw new Error(`az queued nothing: ${result.stderr}`)
  const { status } = await arm.finished("slipway", runId)
  return { ...result, runId, status, log: (await arm.readLog("slipway", runId)).text }
}
