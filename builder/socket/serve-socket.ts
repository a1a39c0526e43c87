import { chmod } from "node:fs/promises"
import {
  type ClientRequest,
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
  type ServerResponse,
} from "node:http"
import type { Duplex } from "node:stream"
import { pipeline } from "node:stream/promises"
import { passBytes } from "./pass-bytes.ts"
import { type CreateChange, isCreate, rewriteCreate } from "./rewrite-create.ts"

/** Far above what a client sends to make a container. */
const MAX_CREATE_BYTES = 4 * 1024 * 1024

/** Of one connection, so not passed on to the next (RFC 9110, 7.6.1). */
const CONNECTION_HEADERS = new Set(["connection", "keep-alive"])

/** The engine's own limit (Go's net/http): the logins of a build fill a header. */
const MAX_HEADER_BYTES = 1024 * 1024
/** How long an engine may take, once the socket is closed, to answer what it was asked to make before. */
const MAKE_WITHIN_MS = 10_000

export type ServedSocket = { path: string; close(): Promise<void> }

/**
 * Serves docker's API on a unix socket of a run and passes everything on to the engine's own: calls as streams, upgraded connections
 * (attach, exec, BuildKit's sessions) as bytes in both directions. Only what makes containers, networks and volumes is changed, so that
 * they end with the run and find the socket again, see {@link rewriteCreate}. It is no border: who has it has the engine's machine
 * (`SLIPWAY_STEP_RIGHTS=socket`), and nothing of it is logged. Errors: the path cannot be listened on.
 */
export async function serveSocket(path: string, engine: string, labels: CreateChange["labels"]): Promise<ServedSocket> {
  const change = { socket: path, labels }
  const open = new Set<Duplex>()
  const making = new Set<ClientRequest>()
  // A build or an attached container may say nothing for hours, and so may a client between two calls: the lifecycle of buildpacks
  // connects once, as root, and can do so no more after it has given its rights up.
  const limits = { maxHeaderSize: MAX_HEADER_BYTES, requestTimeout: 0, headersTimeout: 0, keepAliveTimeout: 0 }
  const server = createServer(limits, (incoming, outgoing) => {
    void pass(incoming, outgoing, { engine, change, making }).catch(() => outgoing.destroy())
  })
  server.on("connection", (socket) => {
    open.add(socket)
    socket.once("close", () => open.delete(socket))
  })
  server.on("upgrade", (incoming, socket, head) => passBytes(incoming, socket, head, engine))
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject)
    server.listen(path, resolve)
  })
  await chmod(path, 0o660)
  return {
    path,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      for (const socket of open) socket.destroy()
      await closed
      // What the engine makes now would come too late to be removed with the run.
      const late = setTimeout(() => making.forEach((call) => void call.destroy()), MAKE_WITHIN_MS)
      await Promise.all([...making].map((call) => new Promise((resolve) => call.once("close", resolve))))
      clearTimeout(late)
    },
  }
}

/** `making`: calls that make something and have no answer yet. */
type Passing = { engine: string; change: CreateChange; making: Set<ClientRequest> }

async function pass(incoming: IncomingMessage, outgoing: ServerResponse, passing: Passing): Promise<void> {
  const { method = "GET", url = "/" } = incoming
  if (!isCreate(method, url)) return await forward(incoming, outgoing, passing)
  const given = await readBody(incoming)
  if (given === undefined) return refuse(outgoing, `the body is longer than ${MAX_CREATE_BYTES} bytes`)
  const body = rewriteCreate(given, passing.change)
  if (body === undefined) return refuse(outgoing, "the body is no JSON object")
  await forward(incoming, outgoing, passing, Buffer.from(body))
}

/** `body`: in place of the call's own. Rejects when either side goes away; the other one is ended with it. */
async function forward(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  { engine, making }: Passing,
  body?: Buffer,
): Promise<void> {
  // An engine that may close as soon as it has answered can do so while the last bytes of a body are sent, and its answer is lost.
  const { "keep-alive": _, ...given } = incoming.headers
  const headers: IncomingHttpHeaders = { ...given, connection: "keep-alive" }
  if (body !== undefined) {
    delete headers["transfer-encoding"]
    headers["content-length"] = String(body.length)
    headers["content-type"] = "application/json"
  }
  const call = request({ socketPath: engine, method: incoming.method, path: incoming.url, headers, agent: false })
  if (body !== undefined) {
    making.add(call)
    call.once("close", () => making.delete(call))
  }
  // Whoever follows events or a log ends that by going away; what is being made cannot be ended so.
  else outgoing.once("close", () => call.destroy())
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    call.once("response", resolve)
    call.on("error", reject)
  })
  // The engine may answer before it has read everything: what is left is then of no use to it.
  if (body !== undefined) call.end(body)
  else void pipeline(incoming, call).catch(() => {})
  const answer = await answered.catch((error: Error) => error)
  if (answer instanceof Error) return refuse(outgoing, `the container engine does not answer: ${answer.message}`, 502)
  outgoing.writeHead(answer.statusCode ?? 502, withoutConnection(answer.rawHeaders))
  outgoing.flushHeaders()
  await pipeline(answer, outgoing)
}

/** What the engine says of its connection with us is no word about the client's. */
function withoutConnection(rawHeaders: readonly string[]): string[] {
  return rawHeaders.filter((_, at) => !CONNECTION_HEADERS.has((rawHeaders[at - (at % 2)] ?? "").toLowerCase()))
}

async function readBody(incoming: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of incoming) {
    bytes += chunk.length
    if (bytes <= MAX_CREATE_BYTES) chunks.push(chunk)
  }
  return bytes > MAX_CREATE_BYTES ? undefined : Buffer.concat(chunks).toString("utf8")
}

/** In the form of docker's own errors, so that clients show it. */
function refuse(outgoing: ServerResponse, message: string, status = 400): void {
  outgoing.writeHead(status, { "content-type": "application/json" })
  outgoing.end(JSON.stringify({ message: `slipway: ${message}` }))
}
