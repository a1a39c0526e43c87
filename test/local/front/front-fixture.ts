import { once } from "node:events"
import { mkdtemp, readFile, rm } from "node:fs/promises"
import http, { type IncomingHttpHeaders, type RequestListener } from "node:http"
import https from "node:https"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import path from "node:path"
import { startFront } from "../../../local/front/start-front.ts"
import { ensureCertificates } from "../../../local/tls/ensure-certificates.ts"

export const ACCOUNT = "acct.blob.store"
export const TENANT = "11111111-1111-4111-8111-111111111111"
export const LOGIN_SERVER = "127.0.0.1:5000"
export const PRINCIPALS = [
  { kind: "servicePrincipal" as const, id: "sp", secret: "sp-secret", roles: ["admin" as const] },
  { kind: "servicePrincipal" as const, id: "reader", secret: "reader-secret", roles: ["reader" as const] },
  { kind: "user" as const, id: "ann@example.test", secret: "ann's p&ss=word", roles: ["runner" as const] },
]

/** A plain server on a free port, or on the given one. */
export async function serve(listener: RequestListener, port = 0) {
  const server = http.createServer(listener)
  await once(server.listen(port, "127.0.0.1"), "listening")
  return {
    port: (server.address() as AddressInfo).port,
    server,
    async close() {
      server.closeAllConnections()
      const closed = once(server, "close")
      server.close()
      await closed
    },
  }
}

/** A port where nobody listens. */
export async function freePort(): Promise<number> {
  const { port, close } = await serve(() => undefined)
  await close()
  return port
}

/** A front with everything it needs in a folder of its own. */
export async function startTestFront(upstreams: { hostPort: number; blobPort: number; holdMs?: number }) {
  const folder = await mkdtemp(path.join(tmpdir(), "slipway-front-"))
  const files = await ensureCertificates(path.join(folder, "ca"), ["localhost", "127.0.0.1", "::1"])
  const front = await startFront({
    host: "127.0.0.1",
    port: 0,
    hostPort: upstreams.hostPort,
    blobPort: upstreams.blobPort,
    upstreamHost: "127.0.0.1",
    holdMs: upstreams.holdMs ?? 10_000,
    storageAccount: ACCOUNT,
    certFile: files.certFile,
    keyFile: files.keyFile,
    signIn: {
      folder: path.join(folder, "sign-in"),
      tenantId: TENANT,
      principals: PRINCIPALS,
      registry: { loginServer: LOGIN_SERVER, userName: "registry", password: "registry-password" },
      devicePollSeconds: 2,
      accessTokenSeconds: 3600,
    },
  })
  const ca = await readFile(files.caFile)
  return {
    port: front.port,
    url: `https://localhost:${front.port}`,
    ca,
    folder,
    async close() {
      await front.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

export type Reply = { status: number; headers: IncomingHttpHeaders; rawHeaders: string[]; body: Buffer }
export type Ask = { method?: string; headers?: http.OutgoingHttpHeaders; body?: string | Buffer }

/** One request whose path is sent as it is. */
export function ask(front: { port: number; ca: Buffer }, target: string, options: Ask = {}): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const request = https.request({
      host: "127.0.0.1",
      servername: "localhost",
      port: front.port,
      ca: front.ca,
      agent: false,
      method: options.method ?? "GET",
      path: target,
      headers: { host: `localhost:${front.port}`, ...options.headers },
    })
    request.once("error", reject)
    request.once("response", (response) => {
      const chunks: Buffer[] = []
      response.on("data", (chunk: Buffer) => chunks.push(chunk))
      response.once("error", reject)
      response.once("end", () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          rawHeaders: response.rawHeaders,
          body: Buffer.concat(chunks),
        }),
      )
    })
    request.end(options.body)
  })
}

/** A form POST, its JSON answer. */
export async function post(front: { port: number; ca: Buffer }, target: string, form: Record<string, string>) {
  const body = new URLSearchParams(form).toString()
  const headers = { "content-type": "application/x-www-form-urlencoded", "content-length": Buffer.byteLength(body) }
  const reply = await ask(front, target, { method: "POST", headers, body })
  return { ...reply, json: JSON.parse(reply.body.toString()) as Record<string, string> }
}
