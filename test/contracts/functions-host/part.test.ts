import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { type AddressInfo, createServer } from "node:net"
import { tmpdir } from "node:os"
import path from "node:path"
import { expect, it, onTestFinished } from "vitest"
import { createFunctionsHostPart } from "../../../local/functions-host/functions-host-part.ts"
import { StackState } from "../../../local/stack-state.ts"

const secret = "app-setting-secret"

it("the part starts the host with its settings in the environment, is healthy once the app is loaded, and stops", async () => {
  const dataFolder = await mkdtemp(path.join(tmpdir(), "host-part-"))
  onTestFinished(() => rm(dataFolder, { recursive: true }))
  const hostJsonPath = path.join(dataFolder, "host.json")
  await writeFile(hostJsonPath, '{"version":"2.0"}')
  const part = createFunctionsHostPart(stackOn(await freePort(), dataFolder), {
    bundlePath: path.join(import.meta.dirname, "apps/http.mjs"),
    hostJsonPath,
    appSettings: { ROUTE: "r", SECRET: secret },
  })
  expect(await part.isHealthy()).toBe(false)

  const child = spawn(part.command, part.args, { env: { PATH: process.env.PATH, ...part.env }, stdio: "ignore" })
  const exited = once(child, "exit")
  while (!(await part.isHealthy())) await new Promise((resolve) => setTimeout(resolve, 10))
  child.kill("SIGTERM")

  expect(await exited).toEqual([0, null])
  expect(part.args.join(" ")).not.toContain(secret)
  expect(part.stopTimeoutMs).toBeGreaterThan(10_000)
})

function stackOn(hostPort: number, dataFolder: string): StackState {
  const id = "00000000-0000-4000-8000-000000000000"
  return StackState.parse({
    v: 1,
    dataFolder,
    host: "127.0.0.1",
    frontPort: 1,
    hostPort,
    blobPort: 1,
    tablePort: 1,
    serviceBusPort: 1,
    registry: { name: "slipway", port: 1, userName: "u", password: "p" },
    storageAccount: { name: "a", key: "k" },
    serviceBusKey: { name: "n", key: "k" },
    secretKey: "k",
    tenantId: id,
    subscriptionId: id,
    resourceGroup: "g",
    principals: [],
    registryEventsToken: "t",
  })
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1")
  await once(server, "listening")
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, "close")
  return port
}
