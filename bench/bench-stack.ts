import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import { readEnvironment } from "../local/config.ts"
import { findPrivateDocker } from "../local/engine/private-docker.ts"
import { freePort } from "../local/free-port.ts"
import { readStack } from "../local/stack.ts"
import type { TestStack } from "../test/e2e/setup/test-stack.ts"
import { runCli } from "./run-cli.ts"

/** Where a stack that nobody has started yet will be, and with which settings. */
export type BenchFolder = { env: Record<string, string> & { SLIPWAY_DATA: string }; remove(): Promise<void> }

/** An empty data folder with free ports, and else the product's own settings. */
export async function makeBenchFolder(settings: Record<string, string> = {}): Promise<BenchFolder> {
  const folder = await mkdtemp(path.join(tmpdir(), "slipway-bench-"))
  const taken = new Set<number>()
  const env = {
    ...readEnvironment(),
    SLIPWAY_DATA: path.join(folder, "data"),
    SLIPWAY_PORT: String(await freePort("127.0.0.1", taken)),
    SLIPWAY_REGISTRY_PORT: String(await freePort("127.0.0.1", taken)),
    ...settings,
  }
  return { env, remove: () => rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }) }
}

/**
 * Starts a stack of its own, gives it to a measure and ends it, whatever happens. Its engine is its own too where set-up has
 * unpacked one, so that a wipe in a measure wipes nobody else's.
 */
export async function withStack<T>(
  measure: (stack: TestStack) => Promise<T>,
  settings: Record<string, string> = {},
): Promise<T> {
  const { env, remove } = await makeBenchFolder(settings)
  if (findPrivateDocker(env.SLIPWAY_DATA) !== undefined) env.SLIPWAY_ENGINE_KIND = "private"
  try {
    await runCli("start", ["--detach"], env)
    const state = await readStack(env.SLIPWAY_DATA)
    if (state === undefined) throw new Error("the stack has started without its stack.json")
    const plain = { name: "", loginServer: "" }
    return await measure({ state, env, caFile: path.join(state.dataFolder, "ca", "ca.pem"), plain })
  } finally {
    await runCli("stop", [], env)
    await remove()
  }
}
