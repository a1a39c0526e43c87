import { mkdir } from "node:fs/promises"
import { join, relative } from "node:path"
import { callEngine } from "./call-engine.ts"
import { SYSTEM_PROGRAMS } from "./client-sandbox.ts"
import type { BuildOptions } from "./engine.ts"
import { EngineError } from "./engine-error.ts"
import type { EngineSession } from "./engine-session.ts"
import { isBelow } from "./read-build-file.ts"

/**
 * A private copy of a context that steps may still write into, for an engine whose client reads contexts as root with all of the machine
 * before it (podman). It is made where nothing but the run's folders can be seen, so a folder that is swapped for a link leads nowhere.
 * The options come back with the copy in place of the original. Errors: EngineError `BuildFailed`.
 */
export async function copyContext(
  session: EngineSession,
  options: BuildOptions,
  number: number,
): Promise<BuildOptions> {
  const { bwrap, visibleFolders } = session
  if (bwrap === undefined) return options
  const copy = join(session.home.folder, `context-${number}`)
  await mkdir(copy, { mode: 0o700 })
  const prefix = [
    ...["--die-with-parent", "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts"],
    ...["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", ...SYSTEM_PROGRAMS],
    ...visibleFolders.flatMap((folder) => ["--ro-bind", folder, folder]),
    ...["--bind", copy, copy, "--"],
  ]
  const args = [...prefix, "/usr/bin/cp", "-a", "--reflink=auto", "--", `${options.contextFolder}/.`, `${copy}/`]
  const { isSuccess, lines } = await callEngine(session.runner, { command: bwrap, args, signal: options.signal })
  if (!isSuccess) {
    const why = lines.at(-1)?.line.replaceAll(options.contextFolder, "the context") ?? "cp failed"
    throw new EngineError("BuildFailed", `the build context cannot be read: ${why}`)
  }
  const { contextFolder, dockerfilePath } = options
  const isInside = isBelow(contextFolder, dockerfilePath)
  return {
    ...options,
    contextFolder: copy,
    dockerfilePath: isInside ? join(copy, relative(contextFolder, dockerfilePath)) : dockerfilePath,
  }
}
