import { setTimeout as delay } from "node:timers/promises"
import { RUN_LABEL } from "../builder/engine/clean-up.ts"
import { SYSTEM_PATH } from "../builder/engine/client-environment.ts"
import type { EngineChoice } from "../builder/engine/engine.ts"
import { removeEngineLeftovers } from "../local/launcher/remove-engine-leftovers.ts"

const ATTEMPTS = 10
const PAUSE_MS = 200

/**
 * Looks again until nothing on the engine carries the run's label. Containers that were killed go by themselves, and podman 4.3 removes
 * none of several when one of them has just gone, nor the network of one that is left. Returns false when something stays.
 */
export async function removeLeftovers(choice: EngineChoice, engineRunId: string, home: string): Promise<boolean> {
  const env = { PATH: SYSTEM_PATH, LANG: "C.UTF-8", HOME: home }
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (attempt > 0) await delay(PAUSE_MS)
    const found = await removeEngineLeftovers(choice, `${RUN_LABEL}=${engineRunId}`, env).catch(() => undefined)
    if (found?.length === 0) return true
  }
  return false
}
