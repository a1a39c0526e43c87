import { createArmClient } from "../test/e2e/setup/arm-client.ts"
import { pushBaseImage, stackRegistry } from "../test/e2e/setup/base-image.ts"
import { openBareEngine } from "./bare-engine.ts"
import { withStack } from "./bench-stack.ts"
import { timedBuild } from "./build-time.ts"
import { atMost, type Figure } from "./figure.ts"
import { median, spread, timed } from "./statistics.ts"

const PAIRS = 12
const WARM_UP_PAIRS = 2
const LIMIT_SECONDS = 0.5

/**
 * What the service adds to the bare engine: pairs of the same build and push of a five-layer image, in turns. Nothing of it
 * is prepared for either: each build has a changed source file, so that one layer is built, exported and uploaded.
 */
export function measureEngineOverhead(): Promise<Figure[]> {
  return withStack(async (stack) => {
    const arm = await createArmClient(stack)
    const base = await pushBaseImage(await stackRegistry(stack), "base/busybox", "1")
    const bare = await openBareEngine(stack)
    const registry = `127.0.0.1:${stack.state.registry.port}`
    const dockerfile = `FROM ${base.image}\nRUN echo one > /one\nCOPY two /two\nRUN echo three > /three\nCOPY changed /four\n`
    const files = (changed: string): [string, string][] => [
      ["Dockerfile", dockerfile],
      ["two", "two\n"],
      ["changed", `${changed}\n`],
    ]

    const ours: number[] = []
    const theirs: number[] = []
    for (let pair = 1; pair <= WARM_UP_PAIRS + PAIRS; pair += 1) {
      const folder = await bare.context(files(`bare ${pair}`))
      const bareSeconds = (await timed(() => bare.buildAndPush(folder, [`${registry}/bench/bare:v1`]))) / 1000
      const { seconds } = await timedBuild(arm, files(`ours ${pair}`), "bench/ours:v1")
      if (pair <= WARM_UP_PAIRS) continue
      theirs.push(bareSeconds)
      ours.push(seconds)
    }
    arm.close()
    const differences = ours.map((seconds, pair) => seconds - (theirs[pair] ?? Number.NaN))
    const detail = [
      `${PAIRS} alternating pairs, one changed layer of a few bytes each; ours ${median(ours).toFixed(2)} s with the layer cache written,`,
      `bare ${median(theirs).toFixed(2)} s without one; differences ${spread(differences, 2, "s")}`,
    ].join(" ")
    return [atMost("overhead over the bare engine, warm", median(differences), LIMIT_SECONDS, "s", detail)]
  })
}
