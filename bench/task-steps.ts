import { createArmClient } from "../test/e2e/setup/arm-client.ts"
import { pushBaseImage, stackRegistry } from "../test/e2e/setup/base-image.ts"
import { openBareEngine } from "./bare-engine.ts"
import { withStack } from "./bench-stack.ts"
import { timedTask } from "./build-time.ts"
import { atMost, type Figure } from "./figure.ts"
import { median, spread, timed } from "./statistics.ts"

const STEPS = 10
const RUNS = 5
const LIMIT_SECONDS = 3

/** A run of steps that wait for nothing, beside as many `docker run` at once, in turns. */
export function measureTaskSteps(): Promise<Figure[]> {
  return withStack(async (stack) => {
    const arm = await createArmClient(stack)
    const base = await pushBaseImage(await stackRegistry(stack), "base/busybox", "1")
    const bare = await openBareEngine(stack)
    const steps = Array.from({ length: STEPS }, (_, step) => {
      return `  - id: wait-${step}\n    cmd: ${base.image} sleep 1\n    when: ['-']\n`
    })
    const task = `version: v1.1.0\nsteps:\n${steps.join("")}`
    const atOnce = () => Promise.all(steps.map(() => bare.runContainer(base.image, "sleep", "1")))

    const ours: number[] = []
    const theirs: number[] = []
    for (let run = 0; run <= RUNS; run += 1) {
      const bareSeconds = (await timed(atOnce)) / 1000
      const seconds = await timedTask(stack, arm, task, [])
      if (run === 0) continue
      theirs.push(bareSeconds)
      ours.push(seconds)
    }
    arm.close()
    const detail = `median of ${RUNS}, ${spread(ours, 2, "s")}, from the spec to the finished event; ${STEPS} bare \`docker run\` at once ${median(theirs).toFixed(2)} s`
    return [atMost(`${STEPS} independent steps of one second`, median(ours), LIMIT_SECONDS, "s", detail)]
  })
}
