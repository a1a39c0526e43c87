import { access } from "node:fs/promises"
import { join } from "node:path"
import { setTimeout as delay } from "node:timers/promises"
import type { EngineSession } from "./engine-session.ts"

const START_WITHIN_MS = 10_000

/**
 * The socket that steps are given where the operator allows it. docker has one; podman's is served for this run only, by a process that
 * ends with it (engines 6, difference 20: good for docker's client in a step, not for driving the engine). Undefined where there is none.
 */
export function openSocket(session: EngineSession): Promise<string | undefined> {
  session.socket ??= session.choice.dialect === "docker" ? Promise.resolve(dockerSocket(session)) : servePodman(session)
  return session.socket
}

function dockerSocket({ choice }: EngineSession): string | undefined {
  const host = choice.env.DOCKER_HOST
  if (host === undefined || host === "") return "/var/run/docker.sock"
  return host.startsWith("unix://") ? host.slice("unix://".length) : undefined
}

async function servePodman(session: EngineSession): Promise<string | undefined> {
  const path = join(session.home.folder, "podman.sock")
  const stopper = new AbortController()
  session.stopService = () => stopper.abort()
  const args = ["system", "service", "--time=0", `unix://${path}`]
  let isOver = false
  const served = session.runner
    .run({ command: session.choice.command, args, signal: stopper.signal }, () => {})
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
