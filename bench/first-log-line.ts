import { setTimeout as wait } from "node:timers/promises"
import { createArmClient } from "../test/e2e/setup/arm-client.ts"
import { tarball } from "../test/e2e/setup/contexts.ts"
import { withStack } from "./bench-stack.ts"
import { atMost, type Figure } from "./figure.ts"
import { openLogReader } from "./log-reader.ts"
import { median, percentile, spread } from "./statistics.ts"

const RUNS = 20
const POLL_MS = 10
const LIMIT_P50_SECONDS = 1
const LIMIT_P95_SECONDS = 2

/** From the answer of `scheduleRun` until a client that reads the log with its SAS sees the first byte; one run at a time. */
export function measureFirstLogLine(): Promise<Figure[]> {
  return withStack(async (stack) => {
    const arm = await createArmClient(stack)
    const archive = tarball([["Dockerfile", "FROM scratch\nCOPY Dockerfile /\n"]])

    async function run(): Promise<number> {
      const sourceLocation = await arm.upload("slipway", archive)
      const runId = await arm.schedule("slipway", { sourceLocation, isPushEnabled: false })
      const queuedAt = performance.now()
      const read = await openLogReader(arm, runId)
      while ((await read()) === "") await wait(POLL_MS)
      const took = (performance.now() - queuedAt) / 1000
      await arm.finished("slipway", runId)
      return took
    }

    await run()
    const samples: number[] = []
    for (let sample = 1; sample <= RUNS; sample += 1) samples.push(await run())
    arm.close()
    const detail = `${RUNS} runs one at a time, ${spread(samples, 2, "s")}; from the answer to the first byte read through the SAS`
    return [
      atMost("queued → first log line, p50", median(samples), LIMIT_P50_SECONDS, "s", detail),
      atMost("queued → first log line, p95", percentile(samples, 0.95), LIMIT_P95_SECONDS, "s", detail),
    ]
  })
}
