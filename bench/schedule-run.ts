import { randomUUID } from "node:crypto"
import { createArmClient } from "../test/e2e/setup/arm-client.ts"
import { tarball } from "../test/e2e/setup/contexts.ts"
import { withStack } from "./bench-stack.ts"
import { atMost, type Figure } from "./figure.ts"
import { median, percentile, spread, timed } from "./statistics.ts"

const CALLS = 100
const WARM_UP_CALLS = 3
const LIMIT_MS = 100

/** `scheduleRun` of real uploads, one after the other on one connection, while one builder works off what they queue. */
export function measureScheduleRun(): Promise<Figure[]> {
  return withStack(
    async (stack) => {
      const arm = await createArmClient(stack)
      const archive = tarball([["Dockerfile", "FROM scratch\nCOPY Dockerfile /\n"]])
      const schedule = (sourceLocation: string) =>
        arm.arm("slipway").post("scheduleRun", {
          body: { type: "DockerBuildRequest", dockerFilePath: "Dockerfile", platform: { os: "linux" }, sourceLocation },
          headers: { "x-ms-client-request-id": randomUUID() },
        })
      const uploads: string[] = []
      for (let call = 0; call < WARM_UP_CALLS + CALLS; call += 1) uploads.push(await arm.upload("slipway", archive))

      for (const upload of uploads.slice(0, WARM_UP_CALLS)) await schedule(upload)
      const samples: number[] = []
      for (const upload of uploads.slice(WARM_UP_CALLS)) {
        const took = await timed(async () => {
          const answer = await schedule(upload)
          if (answer.status !== 200) throw new Error(`scheduleRun answered ${answer.status}: ${answer.text}`)
        })
        samples.push(took)
      }
      arm.close()
      const detail = `${CALLS} calls in a row, p50 ${Math.round(median(samples))} ms, ${spread(samples)}; one builder at work`
      return [atMost("scheduleRun answers, p95", percentile(samples, 0.95), LIMIT_MS, "ms", detail)]
    },
    { SLIPWAY_MAX_BUILDERS: "1" },
  )
}
