import { createHash } from "node:crypto"
import { lstatSync, mkdirSync } from "node:fs"
import path from "node:path"

/** `sun_path` holds 108 bytes (unix 7); a little air for what is added while debugging. */
const MAX_BYTES = 100

/** Path of the launcher's socket: in the data folder, or, where that path is too long for a socket, in a private folder in /tmp. */
export function launcherSocketPath(dataFolder: string): string {
  const near = path.join(dataFolder, "run", "launcher.sock")
  if (Buffer.byteLength(near) <= MAX_BYTES) return near
  const digest = createHash("sha256").update(dataFolder).digest("hex").slice(0, 16)
  return path.join("/tmp", `slipway-${process.getuid?.() ?? 0}`, `${digest}.sock`)
}

/** Makes the socket's folder. Errors: one in /tmp that others made or may write to, since they could answer in our place. */
export function prepareSocketFolder(socketPath: string): void {
  const folder = path.dirname(socketPath)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const facts = lstatSync(folder)
  if (!facts.isDirectory() || facts.uid !== process.getuid?.() || (facts.mode & 0o077) !== 0) {
    throw new Error(`${folder} must be a folder of your own with mode 0700; remove it or choose a shorter SLIPWAY_DATA`)
  }
}
