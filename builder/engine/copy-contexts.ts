import { mkdir } from "node:fs/promises"
import { isAbsolute, join, relative } from "node:path"
import { callEngine } from "./call-engine.ts"
import { SYSTEM_PROGRAMS } from "./client-sandbox.ts"
import type { BuildOptions } from "./engine.ts"
import { EngineError } from "./engine-error.ts"
import type { EngineSession } from "./engine-session.ts"
import { isBelow } from "./read-build-file.ts"

/**
 * The options with private copies in place of the folders that steps may still write into, the named contexts among them, for an engine
 * whose client reads contexts as root with all of the machine before it (podman). Errors: EngineError `BuildFailed`.
 */
export async function copyContexts(
  session: EngineSession,
  options: BuildOptions,
  number: number,
): Promise<BuildOptions> {
  const { bwrap } = session
  if (bwrap === undefined) return options
  const copyOf = (folder: string, name: string) => copyFolder(session, bwrap, folder, name, options.signal)
  const { contextFolder, dockerfilePath, settings } = options
  const contexts = await Promise.all(
    (settings?.contexts ?? []).map(async ({ name, value }, index) => ({
      name,
      value: isAbsolute(value) ? await copyOf(value, `context-${number}-${index}`) : value,
    })),
  )
  const withContexts = contexts.length === 0 ? options : { ...options, settings: { ...settings, contexts } }
  if (options.isContextShared !== true) return withContexts
  const copy = await copyOf(contextFolder, `context-${number}`)
  const isInside = isBelow(contextFolder, dockerfilePath)
  return {
    ...withContexts,
    contextFolder: copy,
    dockerfilePath: isInside ? join(copy, relative(contextFolder, dockerfilePath)) : dockerfilePath,
  }
}

/** Made where nothing but the run's folders can be seen, so a folder that is swapped for a link leads nowhere. */
async function copyFolder(
  { home, runner, visibleFolders }: EngineSession,
  bwrap: string,
  folder: string,
  name: string,
  signal: AbortSignal | undefined,
): Promise<string> {
  const copy = join(home.folder, name)
  await mkdir(copy, { mode: 0o700 })
  const prefix = [
    ...["--die-with-parent", "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts"],
    ...["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", ...SYSTEM_PROGRAMS],
    ...visibleFolders.flatMap((visible) => ["--ro-bind", visible, visible]),
    ...["--bind", copy, copy, "--"],
  ]
  const args = [...prefix, "/usr/bin/cp", "-a", "--reflink=auto", "--", `${folder}/.`, `${copy}/`]
  const { isSuccess, lines } = await callEngine(runner, { command: bwrap, args, signal })
  if (isSuccess) return copy
  const why = lines.at(-1)?.line.replaceAll(folder, "the context") ?? "cp failed"
  throw new EngineError("BuildFailed", `the build context cannot be read: ${why}`)
}
