import type { ServerResponse } from "node:http"
import type { HttpResponseData, TypedData } from "../app/core-types.ts"
import { serializeCookie } from "./serialize-cookie.ts"

/** Framing is the host's: the answer is buffered and has a length. */
const framing = new Set(["connection", "keep-alive", "transfer-encoding", "content-length", "upgrade", "trailer", "te"])
const empty = new Uint8Array(0)

/** Answers with what a function returned; with 204 when that was nothing (Functions 2.x and later). */
export function writeResponse(
  response: ServerResponse,
  data: HttpResponseData | undefined,
  customHeaders: Record<string, string>,
): void {
  if (response.destroyed || response.headersSent) return
  for (const [name, value] of Object.entries(customHeaders)) response.setHeader(name, value)
  if (data === undefined) {
    response.writeHead(204).end()
    return
  }
  response.statusCode = Number(data.statusCode ?? 200)
  for (const [name, value] of Object.entries(data.headers ?? {})) {
    if (!framing.has(name.toLowerCase())) response.setHeader(name, value)
  }
  // The library's headers hold one `set-cookie` only: cookies are how an app sends several.
  if (data.cookies !== undefined && data.cookies.length > 0) {
    response.appendHeader("set-cookie", data.cookies.map(serializeCookie))
  }
  const body = bytesOf(data.body)
  if (body.length > 0 && !response.hasHeader("content-type"))
    response.setHeader("content-type", "application/octet-stream")
  if (response.req.method === "HEAD") {
    // A handler says with Content-Length how long the answer to GET would be.
    response.setHeader("content-length", data.headers?.["content-length"] ?? body.length)
    response.end()
    return
  }
  if (response.statusCode !== 204 && response.statusCode !== 304) response.setHeader("content-length", body.length)
  response.end(body)
}

/** An answer of the host itself. Azure sends these without a body. */
export function writeStatus(response: ServerResponse, status: number, headers: Record<string, string> = {}): void {
  if (response.destroyed || response.headersSent) return
  response.writeHead(status, { ...headers, "content-length": "0" }).end()
}

function bytesOf(data: TypedData | null | undefined): Uint8Array {
  if (data?.bytes !== undefined) return data.bytes
  const text = data?.string ?? data?.json
  return text === undefined ? empty : Buffer.from(text)
}
