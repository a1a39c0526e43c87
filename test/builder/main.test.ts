import { type ChildProcess, spawn } from "node:child_process"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { fileURLToPath } from "node:url"
import { afterEach, beforeEach, expect, it } from "vitest"
import type { RunSpec } from "../../shared/builders/run-spec.ts"
import { makeWorkFolder, startService } from "./fakes.ts"
import { type AppendServer, startAppendServer } from "./log/append-server.ts"

const MAIN = fileURLToPath(new URL("../../builder/main.ts", import.meta.url))
const ENGINE = { dialect: "docker", command: "/nowhere/docker", version: "0", env: {}, cache: "none", reason: "a test" }

let folder: Awaited<ReturnType<typeof makeWorkFolder>>
let service: Awaited<ReturnType<typeof startService>>
let logs: AppendServer
let spec: RunSpec | { status: number }
let child: ChildProcess | undefined

beforeEach(async () => {
  folder = await makeWorkFolder()
  logs = await startAppendServer()
  service = await startService(() => spec)
  spec = {
    v: 2,
    kind: "build",
    runId: "ca1",
    registryName: "reg",
    loginServer: "reg.example",
    createdAt: "2026-11-20T13:14:22Z",
    platform: { os: "linux", architecture: "amd64" },
    timeoutSeconds: 300,
    contextLimits: { maxBytes: 1000, maxEntries: 10, maxRatio: 10 },
    source: { type: "none" },
    ssh: { problem: "there is no SSH key" },
    allowedHosts: [],
    work: { type: "task", file: { text: "steps: []" }, values: [] },
    steps: { rights: [], maxProcesses: 100 },
    logins: [],
    insecureRegistries: [],
    isCacheEnabled: false,
    log: { url: logs.url, maxBytes: 100_000 },
    heartbeatSeconds: 1,
  }
})
afterEach(async () => {
  child?.kill("SIGKILL")
  await Promise.all([folder.remove(), service.close(), logs.close()])
})

function start(changes: Record<string, string> = {}) {
  const env = {
    SLIPWAY_RUN_URL: service.runUrl,
    SLIPWAY_RUN_TOKEN: "main-token",
    SLIPWAY_WORK_DIR: folder.path,
    SLIPWAY_ENGINE: JSON.stringify(ENGINE),
    ...changes,
  }
  const started = spawn(process.execPath, ["--experimental-strip-types", "--no-warnings", MAIN], { env })
  child = started
  const printed: string[] = []
  started.stdout.on("data", (chunk) => printed.push(String(chunk)))
  started.stderr.on("data", (chunk) => printed.push(String(chunk)))
  const exitCode = new Promise<number | null>((resolve) => started.on("close", resolve))
  return { started, printed, exitCode }
}

it("runs to the end and exits with 0, with nothing left in its folder", async () => {
  const { exitCode, printed } = start()

  expect(await exitCode, printed.join("")).toBe(0)
  expect(service.events.at(-1)).toMatchObject({ type: "finished", outcome: "Succeeded" })
  expect(logs.text()).toContain("Run ID: ca1 was successful after")
  expect(await folder.list()).toEqual([])
})

it("exits with 0 when the run is not ours and with 1 when the token is refused", async () => {
  spec = { status: 409 }
  expect(await start().exitCode).toBe(0)

  spec = { status: 401 }
  const refused = start()
  expect(await refused.exitCode).toBe(1)
  expect(JSON.parse(refused.printed.join(""))).toMatchObject({
    op: "builder",
    text: "The service answered 401 to spec.",
  })
})

it("prints nothing of an answer that it cannot read", async () => {
  const broken = createServer((_request, response) => response.end('{"password": "hunter2" "x"'))
  await new Promise<void>((resolve) => broken.listen(0, "127.0.0.1", resolve))
  const { port } = broken.address() as AddressInfo
  const { exitCode, printed } = start({ SLIPWAY_RUN_URL: `http://127.0.0.1:${port}`, SLIPWAY_OUTAGE_MS: "1" })

  expect(await exitCode).toBe(1)
  expect(JSON.parse(printed.join("")).text).toMatch(/^SyntaxError at JSON\.parse/)
  expect(printed.join("")).not.toContain("hunter2")
  broken.closeAllConnections()
  broken.close()
})

it("ends as Error on SIGTERM and leaves nothing behind", async () => {
  const asked = Promise.withResolvers<void>()
  const silent = createServer(() => asked.resolve())
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve))
  const { port } = silent.address() as AddressInfo
  if ("v" in spec) spec = { ...spec, source: { type: "upload", url: `http://127.0.0.1:${port}/a?sig=1` } }
  const { started, exitCode } = start()
  await asked.promise

  started.kill("SIGTERM")

  expect(await exitCode).toBe(0)
  expect(service.events.at(-1)).toMatchObject({ type: "finished", outcome: "Error" })
  expect(logs.text()).toContain("The builder was told to stop before the run had ended.")
  expect(await folder.list()).toEqual([])
  silent.closeAllConnections()
  silent.close()
})
