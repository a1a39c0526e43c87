import { type SourceLocation, sourceLocationText } from "../../shared/contexts/source-location.ts"
import type { SourceSecrets } from "../../shared/contexts/take-secrets.ts"
import { ContextError, quoteName } from "./context-error.ts"
import { fetchArchive } from "./fetch-archive.ts"
import { fetchArtifact } from "./fetch-artifact.ts"
import type { FetchDeps } from "./fetch-deps.ts"
import { fetchGit } from "./fetch-git.ts"

/** What was fetched. `revision`: the full id of the commit, or the digest of the artifact; `branch`: where the ref was one. */
export type FetchedSource = { folder: string; revision?: string; branch?: string; isRepository?: boolean }

/** What is fetched from elsewhere; uploads come from the service's own store, folders are there already. */
export type RemoteLocation = Extract<SourceLocation, { type: "git" | "archive" | "artifact" }>

/**
 * Fetches a source into `folder`, which exists, is empty and ours alone; `secrets` are what was taken out of its location. Returns
 * the folder that the location means, inside it. Errors: ContextError, one line that says what, why and what to mend (the folder then
 * holds part of it and is to be removed); the signal's reason.
 */
export async function fetchSource(
  location: RemoteLocation,
  secrets: SourceSecrets,
  folder: string,
  deps: FetchDeps,
): Promise<FetchedSource> {
  const timeout = AbortSignal.timeout(deps.timeoutMs)
  const timed = { ...deps, signal: AbortSignal.any([deps.signal, timeout]) }
  try {
    return await fetchByType(location, secrets, folder, timed)
  } catch (error) {
    deps.signal.throwIfAborted()
    if (isNetworkError(error)) {
      throw new ContextError(`failed to download context. Its server cannot be reached: ${error.message}.`, {
        cause: error,
      })
    }
    if (!timeout.aborted) throw error
    throw new ContextError(
      `Fetching ${quoteName(sourceLocationText(location))} took longer than ${deps.timeoutMs / 1000} seconds, the limit.`,
      { cause: error },
    )
  }
}

/** What sockets and the name service say; what the file system says is the operator's. */
function isNetworkError(error: unknown): error is Error {
  if (!(error instanceof Error) || !("code" in error)) return false
  return /^(?:ECONN|EAI_|EPIPE|EHOST|ENET|ETIMEDOUT|EPROTO|ERR_TLS|ERR_SSL|HPE_|CERT_|UNABLE_TO|DEPTH_ZERO|SELF_SIGNED)/.test(
    String(error.code),
  )
}

async function fetchByType(
  location: RemoteLocation,
  secrets: SourceSecrets,
  folder: string,
  deps: FetchDeps,
): Promise<FetchedSource> {
  switch (location.type) {
    case "git":
      return { ...(await fetchGit(location, secrets, folder, deps)), isRepository: true }
    case "archive":
      await fetchArchive(location, secrets, folder, deps)
      return { folder }
    case "artifact":
      return { folder, revision: await fetchArtifact(location.image, folder, deps) }
  }
}
