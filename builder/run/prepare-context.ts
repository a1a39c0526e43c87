import { mkdir } from "node:fs/promises"
import type { RunSpec } from "../../shared/builders/run-spec.ts"
import { download } from "../context/download.ts"
import { unpackArchive } from "../context/unpack-archive.ts"
import type { RunLog } from "../log/run-log.ts"
import type { BackOff } from "../retry.ts"

/**
 * Makes the folder that builds read, with the run's sources in it when it has any; returns its path. Errors: ContextError,
 * DownloadError, the signal's reason.
 */
export async function prepareContext(
  spec: Pick<RunSpec, "context" | "contextLimits">,
  deps: { workFolder: string; outageMs: number; backOff: BackOff; log: Pick<RunLog, "say">; signal: AbortSignal },
): Promise<string> {
  const folder = `${deps.workFolder}/context`
  await mkdir(folder, { mode: 0o700 })
  if (spec.context === undefined) return folder
  deps.log.say("Downloading source code...")
  const { signal, outageMs, backOff } = deps
  const archive = download(spec.context.url, { signal, outageMs, backOff, version: spec.context.version })
  await unpackArchive(archive, folder, spec.contextLimits)
  deps.log.say("Finished downloading source code")
  return folder
}
