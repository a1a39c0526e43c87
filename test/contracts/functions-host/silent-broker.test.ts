import { createServer, type Socket } from "node:net"
import { expect, onTestFinished, test, vi } from "vitest"
import { startQueueListener } from "../../../local/functions-host/service-bus/start-queue-listener.ts"

test("a client whose broker takes the connection and never answers is replaced", async () => {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on("error", () => undefined)
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const { port } = server.address() as { port: number }
  const credentials = "SharedAccessKeyName=k;SharedAccessKey=a2V5;UseDevelopmentEmulator=true"
  const trigger = {
    fn: { name: "startRun" },
    queueName: "runs",
    connectionString: `Endpoint=sb://127.0.0.1:${port};${credentials}`,
    maxConcurrentCalls: 1,
    prefetchCount: 0,
    maxAutoLockRenewalMs: 1_000,
  }

  const retryOptions = { maxRetries: 3, retryDelayInMs: 100, timeoutInMs: 10_000 }
  const invoke = () => Promise.reject(new Error("nothing is to be invoked"))
  const listener = await startQueueListener({ invoke, retryOptions, giveUpClientMs: 300 }, trigger as never)
  onTestFinished(() => listener.stop())

  await vi.waitFor(() => expect(sockets.size).toBeGreaterThanOrEqual(3), { timeout: 8_000 })
})
