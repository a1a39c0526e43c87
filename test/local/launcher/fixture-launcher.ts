import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import path from "node:path"
import { onTestFinished, vi } from "vitest"
import type { EngineChoice } from "../../../builder/engine/engine.ts"
import { type BuilderPoolOptions, createBuilderPool } from "../../../local/launcher/builder-pool.ts"
import { serveLauncher } from "../../../local/launcher/launcher-server.ts"
import { launcherSocketPath } from "../../../local/launcher/launcher-socket.ts"
import { canMakeNamespaces } from "../../../local/supervisor/child-command.ts"
import { openRotatingLog } from "../../../local/supervisor/rotating-log.ts"
import type { BuilderLaunch } from "../../../shared/builders/launcher.ts"
import { createProcessLauncher } from "../../../shared/builders/process-launcher.ts"
import { temporaryFolder } from "../supervisor/test-processes.ts"

/** A launcher over its real socket with real processes, and an engine that is a text file. */
export async function startLauncher(options: Partial<BuilderPoolOptions> = {}, engineHolds: string[] = []) {
  const folder = options.dataFolder ?? temporaryFolder()
  mkdirSync(path.join(folder, "builds"), { recursive: true })
  const engineState = path.join(folder, "engine-state")
  writeFileSync(engineState, engineHolds.map((line) => `${line}\n`).join(""))
  const engine: EngineChoice = {
    dialect: "docker",
    command: path.join(import.meta.dirname, "fixtures/engine.sh"),
    version: "0",
    env: { STATE: engineState },
    cache: "none",
    reason: "a test",
  }
  const log = openRotatingLog(path.join(folder, "builders.log"))
  const pool = createBuilderPool({
    dataFolder: folder,
    command: process.execPath,
    args: [path.join(import.meta.dirname, "fixtures/builder-process.mjs")],
    env: { PATH: process.env.PATH ?? "" },
    caFile: "/ca.pem",
    engine: Promise.resolve(engine),
    canNamespace: await canMakeNamespaces(),
    maxBuilders: 3,
    graceMs: 2_000,
    log,
    now: () => Date.now(),
    ...options,
  })
  const socketPath = launcherSocketPath(folder)
  const server = await serveLauncher(socketPath, pool)
  onTestFinished(async () => {
    await pool.close()
    server.close()
  })
  return {
    folder,
    engine,
    pool,
    socketPath,
    launcher: createProcessLauncher({ socketPath }),
    engineHolds: () => readFileSync(engineState, "utf8").trim().split("\n").filter(Boolean),
    /** What was below `builds` when the engine was told to remove containers. */
    buildsAtRemoval: () => readFileSync(`${engineState}.builds`, "utf8").trim().split("\n"),
    logText: () => readFileSync(path.join(folder, "builders.log"), "utf8"),
    launchOf: (name: string, more: Partial<BuilderLaunch> = {}): BuilderLaunch => ({
      name,
      runId: name.split("-")[0] ?? name,
      registryName: "slipway",
      attempt: 1,
      runUrl: `https://127.0.0.1:1/builders/v1/slipway/run?folder=${encodeURIComponent(folder)}`,
      runToken: "stay",
      maxLifetimeSeconds: 60,
      ...more,
    }),
    /** What a builder found when it started. */
    started: (name: string) =>
      vi.waitFor(() => JSON.parse(readFileSync(path.join(folder, `${name}.started`), "utf8")), 5_000),
  }
}
