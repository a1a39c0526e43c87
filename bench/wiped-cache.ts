import { createArmClient } from "../test/e2e/setup/arm-client.ts"
import { pushBaseImage, stackRegistry } from "../test/e2e/setup/base-image.ts"
import { openBareEngine } from "./bare-engine.ts"
import { withStack } from "./bench-stack.ts"
import { timedBuild } from "./build-time.ts"
import { atMost, type Figure } from "./figure.ts"
import { median, spread } from "./statistics.ts"

const ROUNDS = 3
const LIMIT_SECONDS = 2

/** Builds the same sources with the engine's own cache, and again after everything that the engine keeps was removed. */
export function measureWipedCache(): Promise<Figure[]> {
  return withStack(async (stack) => {
    const arm = await createArmClient(stack)
    const base = await pushBaseImage(await stackRegistry(stack), "base/busybox", "1")
    const bare = await openBareEngine(stack)
    const files: [string, string][] = [
      ["Dockerfile", dockerfileOf(base.image)],
      ["two", "two\n"],
      ["four", "four\n"],
    ]
    const build = () => timedBuild(arm, files, "bench/cached:v1")

    const first = await build()
    const cached: number[] = []
    const wiped: number[] = []
    let executed = 0
    for (let round = 1; round <= ROUNDS; round += 1) {
      cached.push((await build()).seconds)
      await bare.wipe()
      const after = await build()
      wiped.push(after.seconds)
      executed += countExecutedSteps(after.log)
    }
    arm.close()
    const detail = `medians of ${ROUNDS}: ${median(wiped).toFixed(2)} s after the wipe (${spread(wiped, 2, "s")}), ${median(cached).toFixed(2)} s cached; ${first.seconds.toFixed(2)} s at first`
    return [
      {
        line: "RUN steps executed again after the builder's state was wiped",
        target: "0",
        measured: String(executed),
        isMet: executed === 0 && countExecutedSteps(first.log) > 0,
        detail: `${ROUNDS} wipes (images and build cache); the first build executed ${countExecutedSteps(first.log)}`,
      },
      atMost(
        "second build after a wipe, above a locally cached one",
        median(wiped) - median(cached),
        LIMIT_SECONDS,
        "s",
        detail,
      ),
    ]
  })
}

function dockerfileOf(base: string): string {
  return [
    `FROM ${base}`,
    "RUN echo executed-$((6*7)) && dd if=/dev/urandom of=/one bs=1024 count=4096",
    "COPY two /two",
    "RUN echo executed-$((6*7)) && sleep 1 && echo three > /three",
    "COPY four /four",
    "",
  ].join("\n")
}

/** Only a shell that ran has done the sum. */
function countExecutedSteps(log: string): number {
  return log.split("executed-42").length - 1
}
