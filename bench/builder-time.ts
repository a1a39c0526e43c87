import { readFile } from "node:fs/promises"
import path from "node:path"
import { z } from "zod"
import { poll, type TestStack } from "../test/e2e/setup/test-stack.ts"

/** One event of the service log about a builder's call. */
const BuilderCall = z.object({
  time: z.iso.datetime().transform((text) => Date.parse(text)),
  op: z.string(),
  runId: z.string(),
  status: z.number(),
  durationMs: z.number(),
  event: z.string().optional(),
})

/**
 * Seconds that a builder had its run for: from the answer that gave it the spec until its finished event arrived, as the service's log
 * of that run has them. The service's own work on either call is not in it. Errors: the log does not tell within 10 seconds.
 */
export function builderSeconds({ state }: Pick<TestStack, "state">, runId: string): Promise<number> {
  const file = path.join(state.dataFolder, "logs", "host.log")
  // The line about the last event is written when it has been recorded, which whoever asks for the run may see first.
  return poll(`the log of run ${runId}`, async () => secondsOf(await readFile(file, "utf8"), runId), 10)
}

/** The same out of the log's text; undefined while it does not tell. */
export function secondsOf(log: string, runId: string): number | undefined {
  const calls = log.split("\n").flatMap((line) => {
    const call = line.includes(runId) ? BuilderCall.safeParse(json(line)).data : undefined
    return call?.runId === runId && call.status < 300 ? [call] : []
  })
  const claim = calls.find(({ op }) => op === "claimSpec")
  const finish = calls.find(({ op, event }) => op === "recordEvent" && event === "finished")
  if (claim === undefined || finish === undefined) return undefined
  return (finish.time - finish.durationMs - claim.time) / 1000
}

function json(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
