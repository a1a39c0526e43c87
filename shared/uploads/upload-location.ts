import { randomUUID } from "node:crypto"
import type { BlobStore } from "../blobs/blob-store.ts"
import { shownLocation } from "../contexts/shown-location.ts"
import { AppError } from "../errors.ts"
import type { Registry } from "../registry/registry.ts"
import { STORAGE_NAMES } from "../storage-names.ts"

const CONTAINER = STORAGE_NAMES.containers.source
/** Uploads looked at by one purge; names begin with their day, so the oldest come first. */
const MAX_PURGED = 10_000
const PATH = /^source\/(\d{8}0000\/[0-9a-f-]{36}\.tar\.gz)$/

export type UploadDeps = { blobs: Pick<BlobStore, "sasUrl">; now(): Date; uploadUrlSeconds: number }

/** Where a client may upload one context: a create-and-write SAS URL, and the path to name it by (`arm-contract` 3). */
export async function newUploadLocation(
  deps: UploadDeps,
  registry: Registry,
): Promise<{ uploadUrl: string; relativePath: string }> {
  const now = deps.now()
  const day = now.toISOString().slice(0, 10).replaceAll("-", "")
  const relativePath = `source/${day}0000/${randomUUID()}.tar.gz`
  const expiresAt = new Date(now.getTime() + deps.uploadUrlSeconds * 1_000)
  return {
    uploadUrl: await deps.blobs.sasUrl(CONTAINER, uploadBlob(registry.key, relativePath), "cw", expiresAt),
    relativePath,
  }
}

/** True for a path in the form that {@link newUploadLocation} gives out. */
export function isUploadPath(path: string): boolean {
  return PATH.test(path)
}

/**
 * The version (ETag) of what was uploaded there: the upload URL outlives the request, and what is built is what was there
 * when the run was asked for. Errors: `SourceLocationNotFound` in ACR's words, when nothing was uploaded for this registry.
 */
export async function requireUpload(
  blobs: Pick<BlobStore, "version">,
  registry: Registry,
  path: string,
): Promise<string> {
  const version = isUploadPath(path) ? await blobs.version(CONTAINER, uploadBlob(registry.key, path)) : undefined
  if (version !== undefined) return version
  throw new AppError(
    "SourceLocationNotFound",
    `The provided source location '${shownLocation(path).slice(1, -1)}' is invalid or doesn't exists. Please use 'GetBuildSourceUploadUrl' to get a valid location to upload the source.`,
    { target: "sourceLocation" },
  )
}

/** Removes uploads from before `cutoff`'s day; a lifecycle rule has done so in Azure. Returns how many went. */
export async function purgeUploads(
  blobs: Pick<BlobStore, "delete" | "list">,
  registry: Registry,
  cutoff: Date,
): Promise<number> {
  const day = cutoff.toISOString().slice(0, 10).replaceAll("-", "")
  const names = await blobs.list(CONTAINER, `${registry.key}/`, MAX_PURGED)
  const old = names.filter((name) => (name.split("/")[1] ?? "").slice(0, day.length) < day)
  for (const name of old) await blobs.delete(CONTAINER, name)
  return old.length
}

/** A read URL of an uploaded context, for one builder. */
export function uploadReadUrl(
  blobs: Pick<BlobStore, "sasUrl">,
  registryKey: string,
  path: string,
  expiresAt: Date,
): Promise<string> {
  return blobs.sasUrl(CONTAINER, uploadBlob(registryKey, path), "r", expiresAt)
}

/** Uploads of one registry cannot be named from another: the blob's path begins with the registry. */
function uploadBlob(registryKey: string, path: string): string {
  return `${registryKey}/${path.slice("source/".length)}`
}
