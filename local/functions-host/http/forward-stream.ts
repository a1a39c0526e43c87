import { request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http"
import type { AppFunction } from "../app/core-types.ts"
import type { Invocation, Invoke } from "../app/invoke-function.ts"

/**
 * One request in streaming mode: its bytes go to the library's own server on the loopback address, which pairs them with the
 * invocation by its id. As in Azure, the function learns nothing of a client that went away, and one that throws or returns
 * nothing sends no answer at all (azure-functions-nodejs-library issues 294 and 324): the client waits for the time limit.
 */
export async function forwardStream(input: {
  fn: AppFunction
  invoke: Invoke
  invocationId: string
  traceContext: NonNullable<Invocation["traceContext"]>
  streamPort: number
  request: IncomingMessage
  response: ServerResponse
  url: string
  query: string
  params: Record<string, string>
  customHeaders: Record<string, string>
}): Promise<void> {
  const { request, response, fn, invocationId, traceContext } = input
  const { host, protocol } = new URL(input.url)
  const headers = {
    ...request.headers,
    "x-ms-invocation-id": invocationId,
    "x-forwarded-host": host,
    "x-forwarded-proto": protocol.slice(0, -1),
  }
  const upstream = httpRequest({
    host: "127.0.0.1",
    port: input.streamPort,
    method: request.method,
    path: request.url,
    headers,
  })
  const ended = new Promise<void>((resolve) => {
    response.once("close", resolve)
    upstream.once("error", () => response.destroy())
    upstream.once("response", (answer) => {
      if (response.headersSent || response.destroyed) return void answer.resume()
      for (const [name, value] of Object.entries(input.customHeaders)) response.setHeader(name, value)
      const { connection: _, "keep-alive": __, ...kept } = answer.headers
      response.writeHead(answer.statusCode ?? 500, kept)
      answer.pipe(response)
      response.once("close", () => answer.resume())
    })
  })
  request.pipe(upstream)
  const triggerMetadata = {
    ...Object.fromEntries(Object.entries(input.params).map(([name, value]) => [name, { string: value }])),
    Headers: { json: JSON.stringify(request.headers) },
    Query: { json: JSON.stringify(Object.fromEntries(new URLSearchParams(input.query))) },
  }
  const inputData = [{ name: fn.trigger.name, data: { string: "" } }]
  const invoked = input.invoke(fn, { invocationId, inputData, triggerMetadata, traceContext }).catch(() => undefined)
  await Promise.all([invoked, ended])
}
