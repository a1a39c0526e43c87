// The one address of the local stack: a TLS port that everything goes through, and the registry's login server beside it.
//
// Stands in for: Azure's front doors (management.azure.com, login.microsoftonline.com, <account>.blob.core.windows.net),
// which are three hosts there and three path prefixes here, so that one certificate for localhost does; and for that of
// Azure Container Registry (<registry>.azurecr.io), which a port of its own must be, since images are named after it.
// Leaves out: HTTP/2, WebSockets, client certificates, rate limits, several upstreams, access logs.
import { readFile } from "node:fs/promises"
import http, { type IncomingMessage, type ServerResponse } from "node:http"
import { createSignIn, type SignIn } from "../sign-in/create-sign-in.ts"
import { answerRegistry } from "./answer-registry.ts"
import { answerSignIn } from "./answer-sign-in.ts"
import { chooseRoute } from "./choose-route.ts"
import { asForwarded, clientOf } from "./forward-headers.ts"
import { forwardRequest, type Upstream } from "./forward-request.ts"
import type { FrontConfig } from "./front-config.ts"
import { type Answerer, listenTls } from "./listen-tls.ts"
import { logLine } from "./log-line.ts"
import { answerArmError, answerUnavailable } from "./unavailable-answer.ts"

/** Listens on all its ports when it returns. */
export async function startFront(config: FrontConfig): Promise<{ port: number; close(): Promise<void> }> {
  const tls = { host: config.host, cert: await readFile(config.certFile), key: await readFile(config.keyFile) }
  const agent = new http.Agent({ keepAlive: true, maxFreeSockets: 64, scheduling: "lifo" })
  const upstream = (port: number) => ({ address: { host: config.upstreamHost, port }, agent, holdMs: config.holdMs })
  const [app, blob] = [upstream(config.hostPort), upstream(config.blobPort)]
  // The issuer holds the port, so the authority is made when that is known; a request that is already here waits for it.
  const { promise: signIn, resolve: ready } = Promise.withResolvers<SignIn>()
  const main = await listenTls(
    { ...tls, port: config.port },
    async (request, response) => answer({ config, signIn: await signIn, app, blob }, request, response),
    async (request, response) => answerPlain(await signIn, request, response),
  )
  ready(await createSignIn({ ...config.signIn, publicUrl: `https://localhost:${main.port}` }))
  const registry = config.registry && (await listenRegistry(config.registry))

  function listenRegistry({ port, socketPath }: { port: number; socketPath: string }) {
    const behind = { address: { socketPath }, agent, holdMs: config.holdMs }
    const answerer: Answerer = (request, response) => answerRegistry(behind, request, response)
    return listenTls({ ...tls, port }, answerer, answerer)
  }
  async function close() {
    await Promise.all([main.close(), registry?.close()])
    agent.destroy()
  }
  return { port: main.port, close }
}

/** Without TLS there are registry tokens for engines of this machine, and nothing else. */
async function answerPlain(signIn: SignIn, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const route = chooseRoute(request.url ?? "", { isSignInPath: (path) => path.startsWith("/oauth2/") })
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
  const headers = route.to === "app" ? asForwarded(request.rawHeaders, clientOf(request)) : request.rawHeaders
  const isAnswered = await forwardRequest(deps[route.to], request, response, headers)
  if (isAnswered) return
  logLine("warn", { op: "front", message: "upstream away", to: route.to, method: request.method, path: route.path })
  answerUnavailable(response, route.to)
}
