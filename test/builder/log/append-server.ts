import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"

/** What the server does with the next call: `true` goes on as if nothing were wrong. */
export type Fault = "reset" | "resetAfterCommit" | "answerLost503" | 503 | 403 | 404 | 429 | "never"

/** Azure's Append Block on one blob in memory, with faults on demand. */
export async function startAppendServer() {
  let content = Buffer.alloc(0)
  const faults: Fault[] = []
  const calls: { position: string | undefined; length: number; query: string }[] = []

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const block = Buffer.concat(chunks)
    const position = request.headers["x-ms-blob-condition-appendpos"] as string | undefined
    calls.push({ position, length: block.length, query: request.url ?? "" })
    const fault = faults.shift()
    if (fault === "never") return
    if (fault === "reset") return void request.socket.destroy()
    if (typeof fault === "number") return void response.writeHead(fault, { "x-ms-error-code": "Injected" }).end()

    if (position !== undefined && Number(position) !== content.length) {
      return void response.writeHead(412, { "x-ms-error-code": "AppendPositionConditionNotMet" }).end()
    }
    const offset = content.length
    content = Buffer.concat([content, block])
    if (fault === "resetAfterCommit") return void request.socket.destroy()
    if (fault === "answerLost503") return void response.writeHead(503).end()
    response.writeHead(201, { "x-ms-blob-append-offset": String(offset) }).end()
  }

  const server = createServer((request, response) => void handle(request, response).catch(() => response.destroy()))
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/account/logs/run.log?sv=1&sig=abc`,
    faults,
    calls,
    text: () => content.toString("utf8"),
    /** What a crash of the store takes with it. */
    loseLast(bytes: number) {
      content = content.subarray(0, content.length - bytes)
    },
    append(text: string) {
      content = Buffer.concat([content, Buffer.from(text)])
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
export type AppendServer = Awaited<ReturnType<typeof startAppendServer>>
