import { RestError } from "@azure/storage-blob"
import type { BlobStore } from "../blobs/blob-store.ts"
import { AppError } from "../errors.ts"
import type { StorageAccess } from "./storage-access.ts"

const ABSENT = 404
const CONFLICT = 409
const PRECONDITION = 412

/** {@link BlobStore} on Azure Blob Storage (or Azurite). `publicUrl` is the blob endpoint that clients and builders reach. */
export function createBlobStore(access: StorageAccess, publicUrl: string) {
  const container = (name: string) => access.blobs.getContainerClient(name)
  const store: BlobStore = {
    async version(name, blob) {
      return (await guarded(() => orAbsent(() => container(name).getBlobClient(blob).getProperties())))?.etag
    },
    async write(name, blob, content) {
      await guarded(() => container(name).getBlockBlobClient(blob).uploadData(content))
    },
    read: (name, blob) => guarded(() => orAbsent(() => container(name).getBlobClient(blob).downloadToBuffer())),
    async createAppend(name, blob, tags) {
      const client = container(name).getAppendBlobClient(blob)
      try {
        await client.create({ tags, conditions: { ifNoneMatch: "*" } })
      } catch (error) {
        if (!(error instanceof RestError && error.statusCode === CONFLICT)) throw unavailable(error)
      }
    },
    async appendAt(name, blob, position, content) {
      const client = container(name).getAppendBlobClient(blob)
      const conditions = { appendPosition: position }
      return (
        (await guarded(() => orAbsent(() => client.appendBlock(content, content.length, { conditions })))) !== undefined
      )
    },
    async properties(name, blob) {
      const properties = await guarded(() => orAbsent(() => container(name).getBlobClient(blob).getProperties()))
      if (properties === undefined) return undefined
      return { length: properties.contentLength ?? 0, metadata: properties.metadata ?? {} }
    },
    async setMetadata(name, blob, metadata) {
      const client = container(name).getBlobClient(blob)
      return (await guarded(() => orAbsent(() => client.setMetadata(metadata)))) !== undefined
    },
    async list(name, prefix, limit) {
      return guarded(async () => {
        const names: string[] = []
        for await (const blob of container(name).listBlobsFlat({ prefix })) {
          if (names.push(blob.name) >= limit) break
        }
        return names
      })
    },
    async delete(name, blob) {
      await guarded(() => container(name).getBlobClient(blob).deleteIfExists())
    },
    async sasUrl(name, blob, permissions, expiresAt) {
      const query = await guarded(() => access.sas({ container: name, blob, permissions, expiresAt }))
      const path = blob.split("/").map(encodeURIComponent).join("/")
      return `${publicUrl.replace(/\/+$/, "")}/${name}/${path}?${query}`
    },
  }
  return {
    ...store,
    /** Makes the containers where nobody else does (the local stack; Bicep does in Azure). */
    async ensure(names: readonly string[]): Promise<void> {
      await guarded(() => Promise.all(names.map((name) => container(name).createIfNotExists())))
    },
  }
}

async function orAbsent<Value>(call: () => Promise<Value>): Promise<Value | undefined> {
  try {
    return await call()
  } catch (error) {
    if (error instanceof RestError && (error.statusCode === ABSENT || error.statusCode === PRECONDITION))
      return undefined
    throw error
  }
}

async function guarded<Value>(call: () => Promise<Value>): Promise<Value> {
  try {
    return await call()
  } catch (error) {
    throw unavailable(error)
  }
}

function unavailable(cause: unknown): AppError {
  return new AppError("StorageUnavailable", "The blob store does not answer; try again in a moment.", {
    isRetryable: true,
    cause,
  })
}
