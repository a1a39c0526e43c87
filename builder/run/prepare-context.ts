import { mkdir } from "node:fs/promises"
import type { RunSpec } from "../../shared/builders/run-spec.ts"
import { readSourceLocation } from "../../shared/contexts/read-source-location.ts"
import { download } from "../context/download.ts"
import type { FetchDeps } from "../context/fetch-deps.ts"
import { type FetchedSource, fetchSource } from "../context/fetch-source.ts"
import { unpackArchive } from "../context/unpack-archive.ts"
import { RunFailure } from "../failures/run-failure.ts"

/**
 * Makes the folder that steps see as their workspace, with the run's sources in it when it has any. Errors: ContextError,
 * DownloadError, RunFailure, the signal's reason.
 */
export async function prepareContext(
  spec: Pick<RunSpec, "source" | "contextLimits">,
  deps: FetchDeps & { outageMs: number },
): Promise<FetchedSource> {
  const folder = `${deps.workFolder}/context`
  // Programs of a step may run as any user; the run's own folder around it is nobody else's.
  await mkdir(folder, { mode: 0o755 })
  const { source } = spec
  if (source.type === "none") return { folder }
  deps.say("Downloading source code...")
  const fetched =
    source.type === "upload" ? await unpackUpload(source, folder, spec, deps) : await fetchRemote(source, folder, deps)
  deps.say("Finished downloading source code")
  return fetched
}

async function unpackUpload(
  { url, version }: Extract<RunSpec["source"], { type: "upload" }>,
  folder: string,
  { contextLimits }: Pick<RunSpec, "contextLimits">,
  { signal, outageMs, backOff }: FetchDeps & { outageMs: number },
): Promise<FetchedSource> {
  await unpackArchive(download(url, { signal, outageMs, backOff, version }), folder, contextLimits)
  return { folder }
}

async function fetchRemote(
  { location, secrets }: Extract<RunSpec["source"], { type: "remote" }>,
  folder: string,
  deps: FetchDeps,
): Promise<FetchedSource> {
  const read = readSourceLocation(location, "source")
  if (!read.ok) throw new RunFailure("Failed", read.problems.join(" "))
  if (read.location.type === "none" || read.location.type === "upload" || read.location.type === "folder")
    return { folder }
  return await fetchSource(read.location, secrets, folder, deps)
}
