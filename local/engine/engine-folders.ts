import { createHash } from "node:crypto"
import path from "node:path"

/** `sun_path` of a Unix socket, without its final zero (unix 7). */
const MAX_SOCKET_PATH = 107

/** The longest socket path that dockerd makes below its exec-root: that of the containerd it starts. */
const LONGEST_SOCKET = "exec/containerd/containerd.sock.ttrpc"

export type EngineFolders = {
  /** Ten hexadecimal digits of the data folder: what its bridge, chain and control group are named after. */
  id: string
  /** Images, layers and build cache. */
  data: string
  /** Sockets, pid file and the like: all of it is made anew at each start. */
  run: string
  socket: string
  config: string
  podman: string
}

/**
 * Where the engine of one data folder keeps what. `run` is inside the data folder, but for data folders whose own path is so
 * long that a socket's name would not fit: then below `/run`.
 *
 * @param dataFolder absolute
 */
export function engineFolders(dataFolder: string): EngineFolders {
  const id = createHash("sha256").update(dataFolder).digest("hex").slice(0, 10)
  const engine = path.join(dataFolder, "engine")
  const inside = path.join(engine, "run")
  const fits = Buffer.byteLength(path.join(inside, LONGEST_SOCKET)) <= MAX_SOCKET_PATH
  const run = fits ? inside : `/run/slipway-${id}`
  return {
    id,
    data: path.join(engine, "data"),
    run,
    socket: path.join(run, "docker.sock"),
    config: path.join(engine, "dockerd.json"),
    podman: path.join(engine, "podman"),
  }
}
