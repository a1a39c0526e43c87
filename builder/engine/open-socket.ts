import { access, mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as delay } from "node:timers/promises"
import { serveSocket } from "../socket/serve-socket.ts"
import { RUN_LABEL } from "./clean-up.ts"
import type { EngineSession } from "./engine-session.ts"

const START_WITHIN_MS = 10_000
/** What the kernel takes for the path of a socket, with room for a name (unix(7): 108 bytes). */
const MAX_FOLDER_BYTES = 90

/**
 * The socket that steps are given where the operator allows it: one of the run's own before the engine's, so that what is made through it
 * is removed with the run. docker has one; podman's is served for this run only, by a process that ends with it (engines 6, difference
 * 20: good for docker's client in a step, not for driving the engine). Undefined where there is none.
 */
export function openSocket(session: EngineSession): Promise<string | undefined> {
  session.socket ??= serveRun(session)
  return session.socket
}

async function serveRun(session: EngineSession): Promise<string | undefined> {
  const isShort = Buffer.byteLength(session.home.folder) <= MAX_FOLDER_BYTES
  const folder = isShort ? session.home.folder : await mkdtemp(join(tmpdir(), "slipway-socket-"))
  const stopper = new AbortController()
  session.stopService = () => stopper.abort()
  const engine =
    session.choice.dialect === "docker" ? dockerSocket(session) : await servePodman(session, folder, stopper.signal)
  if (engine === undefined || stopper.signal.aborted) return undefined
  const served = await serveSocket(join(folder, "docker.sock"), engine, { [RUN_LABEL]: session.runId })
  const closed = aborted(stopper.signal)
    .then(served.close)
    .then(() => (isShort ? undefined : rm(folder, { recursive: true, force: true })))
    .finally(() => session.pending.delete(closed))
  session.pending.add(closed)
  return served.path
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener("abort", () => resolve(), { once: true })
  })
}

function dockerSocket({ choice }: EngineSession): string | undefined {
  const host = choice.env.DOCKER_HOST
  if (host === undefined || host === "") return "/var/run/docker.sock"
  return host.startsWith("unix://") ? host.slice("unix://".length) : undefined
}

async function servePodman(session: EngineSession, folder: string, signal: AbortSignal): Promise<string | undefined> {
  const path = join(folder, "podman.sock")
  const args = ["system", "service", "--time=0", `unix://${path}`]
  let isOver = false
  const served = session.runner
    .run({ command: session.choice.command, args, signal }, () => {})
    .catch(() => {})
    .finally(() => {
      isOver = true
      session.pending.delete(served)
    })
  session.pending.add(served)
  for (const deadline = Date.now() + START_WITHIN_MS; !isOver && Date.now() < deadline; await delay(20)) {
    const isThere = await access(path).then(
      () => true,
      () => false,
    )
    if (isThere) return path
  }
  return undefined
}
