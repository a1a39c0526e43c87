import { execFileSync, spawn } from "node:child_process"
import { writeFileSync } from "node:fs"
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from "node:http"
import { createServer as createTlsServer } from "node:https"
import type { AddressInfo } from "node:net"
import path from "node:path"
import { issueCertificate } from "../../../local/tls/issue-certificate.ts"

export type Seen = { method: string; url: string; authorization: string | undefined }
export type GitServer = {
  /** `host:port`, and the URL in front of a repository's name. */
  host: string
  base: string
  port: number
  seen: Seen[]
  close(): Promise<void>
}

/** Answers a request and returns true, or leaves it to git. */
export type Intercept = (request: IncomingMessage, response: ServerResponse) => boolean | Promise<boolean>

/** Serves the bare repositories below `root` by git's own `http-backend`, on a port of its own. */
export async function serveGit(
  root: string,
  options: { intercept?: Intercept; tls?: { key: string; cert: string } } = {},
): Promise<GitServer> {
  const seen: Seen[] = []
  const listener: RequestListener = async (request, response) => {
    const { method = "", url = "", headers } = request
    seen.push({ method, url, authorization: headers.authorization })
    if ((await options.intercept?.(request, response)) === true) return
    runBackend(root, request, response)
  }
  const server: Server = options.tls === undefined ? createServer(listener) : createTlsServer(options.tls, listener)
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const { port } = server.address() as AddressInfo
  const host = `127.0.0.1:${port}`
  return {
    host,
    port,
    base: `${options.tls === undefined ? "http" : "https"}://${host}`,
    seen,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}

function runBackend(root: string, request: IncomingMessage, response: ServerResponse): void {
  const [pathInfo = "", query = ""] = (request.url ?? "").split("?")
  const child = spawn("git", ["http-backend"], {
    env: {
      PATH: process.env.PATH ?? "",
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: "1",
      GIT_CONFIG_GLOBAL: "/dev/null",
      PATH_INFO: decodeURIComponent(pathInfo),
      QUERY_STRING: query,
      REQUEST_METHOD: request.method ?? "GET",
      CONTENT_TYPE: request.headers["content-type"] ?? "",
      HTTP_CONTENT_ENCODING: String(request.headers["content-encoding"] ?? ""),
      GIT_PROTOCOL: String(request.headers["git-protocol"] ?? ""),
      REMOTE_ADDR: "127.0.0.1",
    },
    stdio: ["pipe", "pipe", "ignore"],
  })
  request.pipe(child.stdin)
  child.stdin.on("error", () => {})
  response.on("close", () => child.kill())
  let head: Buffer | undefined = Buffer.alloc(0)
  child.stdout.on("data", (piece: Buffer) => {
    if (head === undefined) return void response.write(piece)
    head = Buffer.concat([head, piece])
    const end = head.indexOf("\r\n\r\n")
    if (end < 0) return
    const fields = head
      .toString("latin1", 0, end)
      .split("\r\n")
      .map((line) => line.split(/: (.*)/s).slice(0, 2) as [string, string])
    const status = fields.find(([name]) => name === "Status")?.[1] ?? "200"
    response.writeHead(Number.parseInt(status, 10), Object.fromEntries(fields.filter(([name]) => name !== "Status")))
    response.write(head.subarray(end + 4))
    head = undefined
  })
  child.stdout.on("end", () => response.end())
}

/** git as a user runs it, with nothing of this machine's configuration. */
export function userGit(folder: string, ...args: string[]): string {
  return execFileSync("git", ["-c", "protocol.file.allow=always", ...args], {
    cwd: folder,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      PATH: process.env.PATH ?? "",
      HOME: folder,
      GIT_CONFIG_GLOBAL: "/dev/null",
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_AUTHOR_NAME: "A",
      GIT_AUTHOR_EMAIL: "a@example.com",
      GIT_COMMITTER_NAME: "A",
      GIT_COMMITTER_EMAIL: "a@example.com",
      GIT_AUTHOR_DATE: "2025-01-01T00:00:00Z",
      GIT_COMMITTER_DATE: "2025-01-01T00:00:00Z",
    },
  }).trim()
}

/** A certificate for 127.0.0.1, and the authority to trust for it, also as a file in `folder`. */
export async function makeCertificate(
  folder: string,
): Promise<{ tls: { key: string; cert: string }; ca: string; caFile: string }> {
  const authority = await issueCertificate("Test CA", { kind: "authority" }, 2)
  const issued = await issueCertificate("127.0.0.1", { kind: "server", names: ["127.0.0.1"], issuer: authority }, 2)
  const caFile = path.join(folder, "ca.pem")
  writeFileSync(caFile, authority.certPem)
  return { tls: { key: issued.keyPem, cert: issued.certPem }, ca: authority.certPem, caFile }
}
