import type { BlobStore } from "../../shared/blobs/blob-store.ts"

type Blob = { etag: string; content: Buffer; metadata: Record<string, string>; tags: Record<string, string> }

/** {@link BlobStore} in memory; held to the same contract suite as the real one. */
export function createMemoryBlobStore(): BlobStore & { blobs: Map<string, Blob> } {
  const blobs = new Map<string, Blob>()
  let writes = 0
  const key = (container: string, blob: string) => `${container}/${blob}`
  return {
    blobs,
    async version(container, blob) {
      return blobs.get(key(container, blob))?.etag
    },
    async write(container, blob, content) {
      blobs.set(key(container, blob), { etag: `"${++writes}"`, content, metadata: {}, tags: {} })
    },
    async read(container, blob) {
      return blobs.get(key(container, blob))?.content
    },
    async createAppend(container, blob, tags) {
      if (!blobs.has(key(container, blob)))
        blobs.set(key(container, blob), { etag: `"${++writes}"`, content: Buffer.alloc(0), metadata: {}, tags })
    },
    async appendAt(container, blob, position, content) {
      const there = blobs.get(key(container, blob))
      if (there?.content.length !== position) return false
      there.content = Buffer.concat([there.content, content])
      return true
    },
    async properties(container, blob) {
      const there = blobs.get(key(container, blob))
      return there === undefined ? undefined : { length: there.content.length, metadata: there.metadata }
    },
    async setMetadata(container, blob, metadata) {
      const there = blobs.get(key(container, blob))
      if (there === undefined) return false
      there.metadata = metadata
      return true
    },
    async list(container, prefix, limit) {
      const names = [...blobs.keys()].filter((name) => name.startsWith(key(container, prefix)))
      return names
        .map((name) => name.slice(container.length + 1))
        .sort()
        .slice(0, limit)
    },
    async delete(container, blob) {
      blobs.delete(key(container, blob))
    },
    async sasUrl(container, blob, permissions, expiresAt) {
      return `https://store.test/acct.blob.test/${key(container, blob)}?sp=${permissions}&se=${expiresAt.toISOString()}&sig=fake`
    },
  }
}
