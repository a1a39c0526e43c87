import { chmodSync, rmSync } from "node:fs"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import { AppError, isAppError } from "../../shared/errors.ts"
import { problemsOf } from "../../shared/problems-of.ts"
import { BuilderLaunchBody } from "./builder-launch.ts"
import type { BuilderPool } from "./builder-pool.ts"
import { prepareSocketFolder } from "./launcher-socket.ts"

const MAX_BODY_BYTES = 65_536

/**
 * The app's way to the builders: HTTP on a unix socket that only its owner may open. `POST /builders` (201, or 200 when it
 * runs already; 503: later), `DELETE /builders/<name>` (204 when gone), `GET /builders`. Errors are `{ code, message }`.
 */
export async function serveLauncher(
  socketPath: string,
  pool: Pick<BuilderPool, "launch" | "stop" | "list">,
): Promise<{ close(): void }> {
  prepareSocketFolder(socketPath)
  rmSync(socketPath, { force: true })
  const server = createServer((request, response) => {
    answer(request, pool).then(
      ({ status, body }) => send(response, status, body),
      (error) => {
        const status = isAppError(error, "LauncherUnavailable") ? 503 : isAppError(error) ? 400 : 500
        send(response, status, {
          code: isAppError(error) ? error.code : "InternalServerError",
          message: String(error.message),
        })
      },
    )
  })
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject)
    server.listen(socketPath, resolve)
  })
  chmodSync(socketPath, 0o600)
  return {
    close() {
      server.close()
      server.closeAllConnections()
      rmSync(socketPath, { force: true })
    },
  }
}

type Answer = { status: number; body?: unknown }

async function answer(request: IncomingMessage, pool: Pick<BuilderPool, "launch" | "stop" | "list">): Promise<Answer> {
  const [, collection, name, ...more] = (request.url ?? "").split("/")
  if (collection !== "builders" || more.length > 0)
    return { status: 404, body: { code: "ResourceNotFound", message: "no such path" } }
  if (request.method === "GET" && name === undefined) return { status: 200, body: pool.list() }
  if (request.method === "POST" && name === undefined) {
    const result = BuilderLaunchBody.safeParse(await readJson(request))
    if (!result.success) throw new AppError("LaunchRefused", problemsOf(result.error).join("; "))
    const isNew = await pool.launch(result.data)
    return { status: isNew ? 201 : 200, body: {} }
  }
  if (request.method === "DELETE" && name !== undefined) {
    await pool.stop(decodeURIComponent(name))
    return { status: 204 }
  }
  return { status: 405, body: { code: "MethodNotAllowed", message: `${request.method} is not possible here` } }
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    size += chunk.length
    if (size > MAX_BODY_BYTES) throw new AppError("LaunchRefused", "the body is too large")
    chunks.push(chunk)
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8"))
  } catch {
    throw new AppError("LaunchRefused", "the body is not JSON")
  }
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" })
  response.end(body === undefined ? undefined : JSON.stringify(body))
}
