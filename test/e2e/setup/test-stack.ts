import { type ChildProcess, execFile, spawn } from "node:child_process"
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import { promisify } from "node:util"
import { accessToken } from "../../../local/access-token.ts"
import { freePort } from "../../../local/free-port.ts"
import { repositoryRoot } from "../../../local/repository-root.ts"
import { StackState } from "../../../local/stack-state.ts"

const run = promisify(execFile)

/** Intervals in seconds where operators have minutes, and sources on this machine; everything else is as in production. */
const FAST = {
  SLIPWAY_SWEEP_SCHEDULE: "*/2 * * * * *",
  SLIPWAY_HEARTBEAT_SECONDS: "1",
  SLIPWAY_HEARTBEAT_TIMEOUT_SECONDS: "15",
  SLIPWAY_CLAIM_TIMEOUT_SECONDS: "10",
  SLIPWAY_CANCEL_TIMEOUT_SECONDS: "15",
  SLIPWAY_QUEUE_TIMEOUT_SECONDS: "5",
  SLIPWAY_TIMEOUT_MIN_SECONDS: "3",
  // The servers of sources that suites start on this machine.
  SLIPWAY_SOURCE_HOSTS: "127.0.0.1,localhost",
}

export type TestStack = {
  state: StackState
  env: Record<string, string>
  caFile: string
  /** The second registry of every suite: no TLS, no authentication. */
  plain: { name: string; loginServer: string }
}

/** Starts a stack of its own in an empty folder, as `npm start -- --detach` does, with a second registry beside it. */
export async function startTestStack(
  settings: Record<string, string> = {},
): Promise<TestStack & { stop(): Promise<void> }> {
  const folder = await mkdtemp(path.join(tmpdir(), "slw-"))
  const taken = new Set<number>()
  const port = () => freePort("127.0.0.1", taken)
  const plainPort = await port()
  const plain = { name: "plainreg", loginServer: `127.0.0.1:${plainPort}` }
  const registry = await startPlainRegistry(folder, plainPort)
  const env = {
    ...(process.env as Record<string, string>),
    ...FAST,
    SLIPWAY_DATA: path.join(folder, "data"),
    SLIPWAY_PORT: String(await port()),
    SLIPWAY_REGISTRY_PORT: String(await port()),
    SLIPWAY_EXTRA_REGISTRIES: JSON.stringify([{ ...plain, isInsecure: true }]),
    // Read when a run starts; a suite that needs them puts them there.
    SLIPWAY_SSH_KEY_FILE: path.join(folder, "ssh-key"),
    SLIPWAY_SSH_KNOWN_HOSTS_FILE: path.join(folder, "known-hosts"),
    ...settings,
  }
  await startDetached(env)
  const stack = await readStack(env)
  return {
    ...stack,
    plain,
    async stop() {
      await run(process.execPath, ["local/cli/stop.ts"], { cwd: repositoryRoot(), env })
      registry.kill("SIGKILL")
      if (process.env.SLIPWAY_TEST_KEEP === undefined) await rm(folder, { recursive: true, force: true })
    },
  }
}

/** `npm start -- --detach` on a stack's folder; rejects with what it printed when the stack does not get ready. */
export async function startDetached(env: Record<string, string>): Promise<void> {
  await run(process.execPath, ["local/cli/start.ts", "--detach"], { cwd: repositoryRoot(), env })
}

/** The stack that runs on these settings. */
export async function readStack(env: Record<string, string>): Promise<TestStack> {
  const text = await readFile(path.join(env.SLIPWAY_DATA!, "stack.json"), "utf8")
  const state = StackState.parse(JSON.parse(text))
  const [plain] = JSON.parse(env.SLIPWAY_EXTRA_REGISTRIES ?? "[]") as TestStack["plain"][]
  return { state, env, caFile: path.join(state.dataFolder, "ca", "ca.pem"), plain: plain! }
}

/** An access token of the stack's own service principal with that role. */
export function tokenOf(stack: TestStack, role: "reader" | "runner" | "admin"): Promise<string> {
  return accessToken(stack.state, role)
}

async function startPlainRegistry(folder: string, port: number): Promise<ChildProcess> {
  const config = path.join(folder, "plain-registry.yml")
  const lines = [
    "version: 0.1",
    "log: {level: error}",
    `storage: {filesystem: {rootdirectory: ${folder}/plain-registry}, delete: {enabled: true}}`,
    `http: {addr: "127.0.0.1:${port}"}`,
  ]
  await writeFile(config, `${lines.join("\n")}\n`)
  const child = spawn("setpriv", ["--pdeathsig", "KILL", "--", "docker-registry", "serve", config], { stdio: "ignore" })
  await poll("the plain registry", () => fetch(`http://127.0.0.1:${port}/v2/`).then((answer) => answer.ok))
  return child
}

/** Asks again until it is so; for what another process does. Fails with `what` after `seconds`. */
export async function poll<Value>(
  what: string,
  ask: () => Promise<Value | false | undefined>,
  seconds = 60,
): Promise<Value> {
  const until = Date.now() + seconds * 1_000
  let last: unknown
  while (Date.now() < until) {
    const value = await ask().catch((error: unknown) => {
      last = error
      return undefined
    })
    if (value !== undefined && value !== false) return value
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`waited ${seconds}s for ${what}`, { cause: last })
}
