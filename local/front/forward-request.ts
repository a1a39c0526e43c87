import http, { type IncomingMessage, type ServerResponse } from "node:http"
import { setTimeout as delay } from "node:timers/promises"
import { withoutHopByHop } from "./forward-headers.ts"

export type Upstream = {
  address: { host: string; port: number } | { socketPath: string }
  agent: http.Agent
  /** How long a request is held while nobody listens there. */
  holdMs: number
}
/** Repeating one changes nothing, so a connection that broke before the answer began is no answer (RFC 9110 9.2.2). */
const REPEATABLE = new Set(["GET", "HEAD"])
const RETRY_FIRST_MS = 20
const RETRY_MAX_MS = 250

/**
 * Passes a request on and its answer back, both as streams with back-pressure; path and query byte for byte. While the
 * upstream is away, GET and HEAD are tried again for `holdMs`, everything else only as long as the connection was refused
 * before a byte was sent. Returns false when nobody answered, with nothing written yet.
 */
export async function forwardRequest(
  upstream: Upstream,
  request: IncomingMessage,
  response: ServerResponse,
  rawHeaders: string[],
): Promise<boolean> {
  const gone = new AbortController()
  response.once("close", () => gone.abort())
  const headers = framed(request, withoutHopByHop(rawHeaders))
  const giveUpAt = Date.now() + upstream.holdMs
  for (let waitMs = RETRY_FIRST_MS; ; waitMs = Math.min(2 * waitMs, RETRY_MAX_MS)) {
    const result = await attempt(upstream, request, headers, gone.signal)
    if (result.ok) {
      await sendBack(result.answer, response)
      return true
    }
    if (gone.signal.aborted) return true
    if (!result.mayRepeat || Date.now() + waitMs > giveUpAt) return false
    await delay(waitMs, undefined, { signal: gone.signal }).catch(() => undefined)
  }
}

type Attempt = { ok: true; answer: IncomingMessage } | { ok: false; mayRepeat: boolean }

function attempt(upstream: Upstream, request: IncomingMessage, headers: string[], gone: AbortSignal): Promise<Attempt> {
  const isRepeatable = REPEATABLE.has(request.method ?? "") && !hasBody(request)
  return new Promise((resolve) => {
    let isConnected = false
    const outgoing = http.request({
      ...upstream.address,
      method: request.method,
      path: request.url,
      headers,
      signal: gone,
      // A kept connection may end just as we write to it, and then nobody knows what was done: only for what may be repeated.
      agent: isRepeatable ? upstream.agent : false,
    })
    outgoing.once("socket", (socket) => {
      const send = () => {
        isConnected = true
        // Not before: what was refused must still be whole.
        if (hasBody(request)) request.pipe(outgoing)
        else outgoing.end()
      }
      if (socket.connecting) socket.once("connect", send)
      else send()
    })
    outgoing.once("response", (answer) => resolve({ ok: true, answer }))
    outgoing.on("error", () => {
      request.unpipe(outgoing)
      resolve({ ok: false, mayRepeat: isRepeatable || !isConnected })
    })
  })
}

/** Half an answer must look like half an answer: when the upstream breaks off, so does the connection to the client. */
function sendBack(answer: IncomingMessage, response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    response.once("close", () => {
      answer.destroy()
      resolve()
    })
    if (response.destroyed) return resolve()
    response.writeHead(answer.statusCode ?? 502, answer.statusMessage, withoutHopByHop(answer.rawHeaders))
    answer.once("error", () => response.destroy())
    answer.once("close", () => {
      if (!answer.complete) response.destroy()
    })
    answer.pipe(response)
  })
}

function hasBody(request: IncomingMessage): boolean {
  return request.headers["transfer-encoding"] !== undefined || Number(request.headers["content-length"] ?? 0) > 0
}

/** Exactly one statement of where the body ends: the client's length, or chunks of our own. */
function framed(request: IncomingMessage, headers: string[]): string[] {
  if (request.headers["transfer-encoding"] !== undefined) return [...headers, "Transfer-Encoding", "chunked"]
  const isBodyless = request.headers["content-length"] === undefined
  return isBodyless && !REPEATABLE.has(request.method ?? "") ? [...headers, "Content-Length", "0"] : headers
}
