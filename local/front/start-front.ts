// The one address of the local stack: a TLS port that everything goes through.
//
// Stands in for: Azure's front doors (management.azure.com, login.microsoftonline.com, <account>.blob.core.windows.net),
// which are three hosts there and three path prefixes here, so that one certificate for localhost does.
// Leaves out: HTTP/2, WebSockets, client certificates, rate limits, several upstreams, access logs.
import { once } from "node:events"
import { readFile } from "node:fs/promises"
import http, { type IncomingMessage, type ServerResponse } from "node:http"
import https from "node:https"
import type { AddressInfo } from "node:net"
import { createSignIn, type SignIn } from "../sign-in/create-sign-in.ts"
import { acceptPlain } from "./accept-plain.ts"
import { answerSignIn } from "./answer-sign-in.ts"
import { chooseRoute } from "./choose-route.ts"
import { asForwarded } from "./forward-headers.ts"
import { forwardRequest, type Upstream } from "./forward-request.ts"
import type { FrontConfig } from "./front-config.ts"
import { logLine } from "./log-line.ts"
import { answerArmError, answerUnavailable } from "./unavailable-answer.ts"

/** Azure's own front ends give a request 230–240 s of silence; nothing here ends earlier. */
const IDLE_MS = 300_000
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

/** Listens when it returns. `close` lets running requests finish for two seconds. */
export async function startFront(config: FrontConfig): Promise<{ port: number; close(): Promise<void> }> {
  const cert = await readFile(config.certFile)
  const key = await readFile(config.keyFile)
  const agent = new http.Agent({ keepAlive: true, maxFreeSockets: 64, scheduling: "lifo" })
  const app = { port: config.hostPort, agent, holdMs: config.holdMs }
  const blob = { port: config.blobPort, agent, holdMs: config.holdMs }
  const server = https.createServer({ cert, key, ...LIMITS })
  server.setTimeout(IDLE_MS)
  server.listen(config.port, config.host)
  await once(server, "listening")
  const { port } = server.address() as AddressInfo
  // The issuer holds the port, so it is known only now; a request that is already here waits for it.
  const signIn = createSignIn({ ...config.signIn, publicUrl: `https://localhost:${port}` })
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    const answered = signIn.then((ready) => answer({ config, signIn: ready, app, blob }, request, response))
    answered.catch((error: unknown) => {
      logLine("error", { op: "front", message: error instanceof Error ? error.message : String(error) })
      answerArmError(response, 500, "InternalServerError", "The front failed; its log says why.")
    })
  })
  const plain = acceptPlain(server, (request, response) => {
    signIn
      .then((ready) => answerPlain(ready, request, response))
      .catch(() => answerArmError(response, 500, "InternalServerError", "The front failed."))
  })
  await signIn

  async function close() {
    const closed = once(server, "close")
    server.close()
    server.closeIdleConnections()
    plain.close()
    const force = setTimeout(() => server.closeAllConnections(), 2000)
    await closed
    clearTimeout(force)
    agent.destroy()
  }

  return { port, close }
}

/** Without TLS there are registry tokens for engines of this machine, and nothing else. */
async function answerPlain(signIn: SignIn, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const route = chooseRoute(request.url ?? "", {
    storageAccount: "",
    isSignInPath: (path) => path.startsWith("/oauth2/"),
  })
  if (route.to === "signIn") return answerSignIn(signIn, request, response, route)
  response.setHeader("connection", "close")
  answerArmError(response, 400, "HttpsRequired", "This port speaks HTTPS: use https:// in the address.")
}

type Deps = { config: FrontConfig; signIn: SignIn; app: Upstream; blob: Upstream }

async function answer(deps: Deps, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { storageAccount } = deps.config
  const route = chooseRoute(request.url ?? "", { storageAccount, isSignInPath: deps.signIn.isSignInPath })
  if (route.to === "refuse") {
    // What follows on this connection may be the rest of a trick.
    response.setHeader("connection", "close")
    return answerArmError(response, 400, "InvalidRequestPath", route.reason)
  }
  if (route.to === "health") {
    response.writeHead(200, { "content-type": "application/json", "cache-control": "no-store" })
    response.end('{"status":"ok"}')
    return
  }
  if (route.to === "signIn") return answerSignIn(deps.signIn, request, response, route)
  const client = { address: request.socket.remoteAddress ?? "", host: request.headers.host ?? "" }
  const headers = route.to === "app" ? asForwarded(request.rawHeaders, client) : request.rawHeaders
  const isAnswered = await forwardRequest(deps[route.to], request, response, headers)
  if (isAnswered) return
  logLine("warn", { op: "front", message: "upstream away", to: route.to, method: request.method, path: route.path })
  answerUnavailable(response, route.to)
}
