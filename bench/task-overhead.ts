import { createArmClient } from "../test/e2e/setup/arm-client.ts"
import { pushBaseImage, stackRegistry } from "../test/e2e/setup/base-image.ts"
import { findAcb } from "./acb.ts"
import { openBareEngine } from "./bare-engine.ts"
import { withStack } from "./bench-stack.ts"
import { timedTask } from "./build-time.ts"
import { atMost, type Figure } from "./figure.ts"
import { median, spread, timed } from "./statistics.ts"
import { taskCases } from "./task-cases.ts"

const PAIRS = 12
const WARM_UP_PAIRS = 2
const ACB_RUNS = 5

/**
 * What running a task file adds to doing the same at the bare engine, in turns; nothing in the sources changes between them, so what is
 * measured is ours and not the engine's work. Where acb is installed it has its turns as well.
 */
export function measureTaskOverhead(): Promise<Figure[]> {
  return withStack(async (stack) => {
    const arm = await createArmClient(stack)
    const base = await pushBaseImage(await stackRegistry(stack), "base/busybox", "1")
    const bare = await openBareEngine(stack)
    const acb = await findAcb(bare.env)
    const loginServer = `127.0.0.1:${stack.state.registry.port}`
    const login = { ...stack.state.registry, loginServer }
    const figures: Figure[] = []
    for (const { line, limitSeconds, task, files, bare: byHand } of await taskCases(loginServer, base.image)) {
      const folder = await bare.context([...files, ["acr-task.yaml", task]])
      const ours: number[] = []
      const theirs: number[] = []
      const peer: number[] = []
      let peerFailure = acb === undefined ? "not installed" : undefined
      for (let turn = 1; turn <= WARM_UP_PAIRS + PAIRS; turn += 1) {
        const bareSeconds = (await timed(() => byHand(bare, folder, turn))) / 1000
        const seconds = await timedTask(stack, arm, task, files)
        if (turn <= WARM_UP_PAIRS) continue
        theirs.push(bareSeconds)
        ours.push(seconds)
        if (acb === undefined || peerFailure !== undefined || turn > WARM_UP_PAIRS + ACB_RUNS) continue
        await acb.exec(folder, login).then(
          (acbSeconds) => peer.push(acbSeconds - bareSeconds),
          (error: Error) => {
            peerFailure = `failed: ${error.message}`
          },
        )
      }
      const differences = ours.map((seconds, pair) => seconds - (theirs[pair] ?? Number.NaN))
      const detail = [
        `${PAIRS} alternating pairs, sources unchanged; ours ${median(ours).toFixed(2)} s, bare ${median(theirs).toFixed(2)} s;`,
        `differences ${spread(differences, 2, "s")}; acb ${peerFailure ?? `${median(peer).toFixed(2)} s over bare`}`,
      ].join(" ")
      figures.push(atMost(line, median(differences), limitSeconds, "s", detail))
    }
    arm.close()
    return figures
  })
}
