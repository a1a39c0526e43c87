import type { BlobStore } from "../blobs/blob-store.ts"
import { seal, unseal } from "../secrets/seal.ts"
import { STORAGE_NAMES } from "../storage-names.ts"
import { RunRequest } from "./run-request.ts"

const CONTAINER = STORAGE_NAMES.containers.requests

type RunName = { registry: string; runId: string }
export type RequestBlobDeps = { blobs: Pick<BlobStore, "read" | "write">; requestKey: Buffer }

/** Stores the request encrypted, before the run's row (contracts, "Tables"). */
export async function writeRunRequest(
  deps: Pick<RequestBlobDeps, "requestKey"> & { blobs: Pick<BlobStore, "write"> },
  run: RunName,
  request: RunRequest,
): Promise<void> {
  const name = nameOf(run)
  await deps.blobs.write(CONTAINER, name, seal(deps.requestKey, Buffer.from(JSON.stringify(request)), name))
}

/** The stored request; undefined when the blob is gone. */
export async function readRunRequest(deps: RequestBlobDeps, run: RunName): Promise<RunRequest | undefined> {
  const name = nameOf(run)
  const sealed = await deps.blobs.read(CONTAINER, name)
  if (sealed === undefined) return undefined
  return RunRequest.parse(JSON.parse(unseal(deps.requestKey, sealed, name).toString()))
}

/** Removes the request of a run that is purged. */
export function deleteRunRequest(blobs: Pick<BlobStore, "delete">, run: RunName): Promise<void> {
  return blobs.delete(CONTAINER, nameOf(run))
}

function nameOf({ registry, runId }: RunName): string {
  return `${registry}/${runId}`
}
