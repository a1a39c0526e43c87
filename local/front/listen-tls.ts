import { once } from "node:events"
import type { IncomingMessage, ServerResponse } from "node:http"
import https from "node:https"
import type { AddressInfo } from "node:net"
import { acceptPlain } from "./accept-plain.ts"
import { logLine } from "./log-line.ts"
import { answerArmError } from "./unavailable-answer.ts"

/** Azure's own front ends give a request 230–240 s of silence; nothing here ends earlier. */
const IDLE_MS = 300_000
const CLOSE_MS = 2000
const LIMITS = {
  minVersion: "TLSv1.2",
  handshakeTimeout: 20_000,
  headersTimeout: 20_000,
  /** A context of many gigabytes over a slow link; silence is bounded by the idle time. */
  requestTimeout: 4 * 3_600_000,
  keepAliveTimeout: 75_000,
  maxHeaderSize: 32_768,
  requireHostHeader: true,
  insecureHTTPParser: false,
} as const

export type Answerer = (request: IncomingMessage, response: ServerResponse) => Promise<void>

/**
 * A TLS server, and plain HTTP for programs of this machine on the same port. Listens when it returns; `close` lets running
 * requests finish for two seconds. What an answerer throws is logged and answered with 500.
 */
export async function listenTls(
  options: { host: string; port: number; cert: Buffer; key: Buffer },
  answer: Answerer,
  answerPlain: Answerer,
): Promise<{ port: number; close(): Promise<void> }> {
  const server = https.createServer({ cert: options.cert, key: options.key, ...LIMITS })
  server.setTimeout(IDLE_MS)
  server.on("request", guarded(answer))
  const plain = acceptPlain(server, guarded(answerPlain))
  server.listen(options.port, options.host)
  await once(server, "listening")

  async function close() {
    const closed = once(server, "close")
    server.close()
    server.closeIdleConnections()
    plain.close()
    const force = setTimeout(() => server.closeAllConnections(), CLOSE_MS)
    await closed
    clearTimeout(force)
  }
  return { port: (server.address() as AddressInfo).port, close }
}

function guarded(answer: Answerer) {
  return (request: IncomingMessage, response: ServerResponse) => {
    answer(request, response).catch((error: unknown) => {
      logLine("error", { op: "front", message: error instanceof Error ? error.message : String(error) })
      answerArmError(response, 500, "InternalServerError", "The front failed; its log says why.")
    })
  }
}
