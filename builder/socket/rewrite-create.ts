/** Where docker's clients believe the engine's socket to be, on the engine's machine. */
const USUAL_SOCKETS = new Set(["/var/run/docker.sock", "/run/docker.sock"])

export type CreateChange = {
  /** What such a path of the engine's machine becomes: the socket that the step was given. */
  socket: string
  labels: Readonly<Record<string, string>>
}

/** A call that makes something of the engine's, which a run leaves behind unless it carries the run's label (Docker Engine API). */
const CREATE = /^(?:\/v\d+\.\d+)?\/(containers|networks|volumes)\/create(?:\?|$)/

/** Whether the body of a call is to go through {@link rewriteCreate}. */
export function isCreate(method: string, url: string): boolean {
  return method === "POST" && CREATE.test(url)
}

/**
 * The body of a create call with the run's labels in it, and with our socket where it mounts the engine's usual one: what programs hand
 * on to containers of their own (`pack` to its lifecycle) is a path of the engine's machine, whatever socket they were given themselves.
 * Undefined for a body that is no JSON object. Numbers above 2^53 lose their last digits; no field of these calls needs them.
 */
export function rewriteCreate(body: string, { socket, labels }: CreateChange): string | undefined {
  const given = parseObject(body === "" ? "{}" : body)
  if (given === undefined) return undefined
  const own = isObject(given.Labels) ? given.Labels : {}
  const changed: Record<string, unknown> = { ...given, Labels: { ...own, ...labels } }
  if (isObject(given.HostConfig)) changed.HostConfig = withSocket(given.HostConfig, socket)
  return JSON.stringify(changed)
}

function withSocket(host: Record<string, unknown>, socket: string): Record<string, unknown> {
  const { Binds: binds, Mounts: mounts } = host
  return {
    ...host,
    ...(Array.isArray(binds) ? { Binds: binds.map((bind: unknown) => bindWithSocket(bind, socket)) } : {}),
    ...(Array.isArray(mounts) ? { Mounts: mounts.map((mount: unknown) => mountWithSocket(mount, socket)) } : {}),
  }
}

function bindWithSocket(bind: unknown, socket: string): unknown {
  if (typeof bind !== "string") return bind
  const end = bind.indexOf(":")
  return end > 0 && USUAL_SOCKETS.has(bind.slice(0, end)) ? `${socket}${bind.slice(end)}` : bind
}

function mountWithSocket(mount: unknown, socket: string): unknown {
  if (!isObject(mount) || typeof mount.Source !== "string") return mount
  return USUAL_SOCKETS.has(mount.Source) ? { ...mount, Source: socket } : mount
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}
