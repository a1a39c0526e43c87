import { spawnSync } from "node:child_process"
import { closeSync, openSync } from "node:fs"

/**
 * Takes a file's lock for as long as this process lives; undefined when another process holds it. The kernel keeps it
 * (flock 2): `flock` locks the open file that it inherits from us, and no crash leaves the lock behind.
 */
export function lockFile(file: string): { release(): void } | undefined {
  const descriptor = openSync(file, "a", 0o600)
  const result = spawnSync("flock", ["--nonblock", "3"], { stdio: ["ignore", "ignore", "ignore", descriptor] })
  if (result.error !== undefined) {
    closeSync(descriptor)
    throw new Error("flock (package util-linux) is needed to start the stack", { cause: result.error })
  }
  if (result.status !== 0) {
    closeSync(descriptor)
    return undefined
  }
  return { release: () => closeSync(descriptor) }
}
