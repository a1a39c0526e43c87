import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, rm } from "node:fs/promises"
import { type AddressInfo, createServer } from "node:net"
import { tmpdir } from "node:os"
import path from "node:path"
import { expect, onTestFinished, test } from "vitest"
import { answersAmqp } from "../../../local/service-bus/answers-amqp.ts"
import { createServiceBusPart, serviceBusConnectionString } from "../../../local/service-bus/service-bus-part.ts"
import type { StackState } from "../../../local/stack-state.ts"

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1")
  await once(server, "listening")
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, "close")
  return port
}

async function stackState(): Promise<StackState> {
  const dataFolder = await mkdtemp(path.join(tmpdir(), "slipway-stack-"))
  onTestFinished(() => rm(dataFolder, { recursive: true, force: true }))
  const serviceBusKey = { name: "root", key: "c2VjcmV0" }
  // Only what this part reads.
  return { dataFolder, host: "127.0.0.1", serviceBusPort: await freePort(), serviceBusKey } as StackState
}

test("the part becomes healthy once it is started as it says, and ends on SIGTERM", async () => {
  const stack = await stackState()
  const part = createServiceBusPart(stack)
  const before = await part.isHealthy()

  const child = spawn(part.command, part.args, { env: { PATH: process.env.PATH, ...part.env }, stdio: "ignore" })
  onTestFinished(() => void child.kill("SIGKILL"))
  await expect.poll(() => part.isHealthy(), { timeout: 10_000 }).toBe(true)
  child.kill("SIGTERM")
  const [code] = await once(child, "exit")

  expect(before).toBe(false)
  expect(code).toBe(0)
  expect(await part.isHealthy()).toBe(false)
})

test("the key stands in the environment and never in the argument list", async () => {
  const stack = await stackState()

  const part = createServiceBusPart(stack)

  expect([part.command, ...part.args, part.title].join(" ")).not.toContain(stack.serviceBusKey.key)
  expect(JSON.parse(part.env.SLIPWAY_PART!).key).toEqual(stack.serviceBusKey)
})

test("the connection string carries the port and asks for plain TCP", async () => {
  const stack = { ...(await stackState()), serviceBusPort: 5673 }

  expect(serviceBusConnectionString(stack)).toBe(
    "Endpoint=sb://127.0.0.1:5673;SharedAccessKeyName=root;SharedAccessKey=c2VjcmV0;UseDevelopmentEmulator=true",
  )
})

test.each([
  ["answers with something else", (socket: import("node:net").Socket) => socket.end("HTTP/1.1 400 Bad Request\r\n")],
  ["says nothing", () => {}],
  ["hangs up", (socket: import("node:net").Socket) => socket.destroy()],
])("a server that %s is not healthy", async (_, serve) => {
  const server = createServer(serve).listen(0, "127.0.0.1")
  await once(server, "listening")
  onTestFinished(() => void server.close())

  expect(await answersAmqp("127.0.0.1", (server.address() as AddressInfo).port, 200)).toBe(false)
})
