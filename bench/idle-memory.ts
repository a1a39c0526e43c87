import { setTimeout as wait } from "node:timers/promises"
import { readRunningSupervisor } from "../local/supervisor/supervisor-file.ts"
import { withStack } from "./bench-stack.ts"
import { atMost, type Figure } from "./figure.ts"
import { memoryOfTree } from "./process-memory.ts"

const LIMIT_MEGABYTES = 350
const IDLE_MS = 30_000
/** The engine is not ours to count. */
const ENGINE = new Set(["dockerd", "containerd"])

/** PSS of the supervisor and all below it but the engine, on fresh data, 30 s after the stack was ready. */
export function measureIdleMemory(): Promise<Figure[]> {
  return withStack(async ({ state }) => {
    await wait(IDLE_MS)
    const supervisor = readRunningSupervisor(state.dataFolder)
    if (supervisor === undefined) throw new Error("the stack does not run any more")
    const ours = (await memoryOfTree(supervisor.pid)).filter(({ name }) => !ENGINE.has(name))
    const total = ours.reduce((sum, { pssMegabytes }) => sum + pssMegabytes, 0)
    const parts = ours
      .filter(({ pssMegabytes }) => pssMegabytes >= 1)
      .toSorted((a, b) => b.pssMegabytes - a.pssMegabytes)
      .map(({ name, pssMegabytes }) => `${name} ${Math.round(pssMegabytes)}`)
    return [
      atMost(
        "idle memory of all processes, without the engine",
        total,
        LIMIT_MEGABYTES,
        "MB",
        `PSS: ${parts.join(", ")}`,
      ),
    ]
  })
}
