/**
 * Blobs as the use cases see them. Every function throws `StorageUnavailable` (retryable) when the store does not answer.
 * SAS URLs are those that clients and builders can reach.
 */
export type BlobStore = {
  /** The blob's ETag now; undefined when there is none. */
  version(container: string, blob: string): Promise<string | undefined>
  write(container: string, blob: string, content: Buffer): Promise<void>
  read(container: string, blob: string): Promise<Buffer | undefined>
  /** Makes an empty append blob with an index tag; one that exists stays as it is. */
  createAppend(container: string, blob: string, tags: Record<string, string>): Promise<void>
  /** Appends if the blob ends at `position`. False when it is gone or has another length. */
  appendAt(container: string, blob: string, position: number, content: Buffer): Promise<boolean>
  properties(container: string, blob: string): Promise<{ length: number; metadata: Record<string, string> } | undefined>
  /** Replaces all metadata. False when the blob is gone. */
  setMetadata(container: string, blob: string, metadata: Record<string, string>): Promise<boolean>
  /** Names that begin with `prefix`, in order, at most `limit`. */
  list(container: string, prefix: string, limit: number): Promise<string[]>
  delete(container: string, blob: string): Promise<void>
  sasUrl(container: string, blob: string, permissions: "r" | "cw" | "a", expiresAt: Date): Promise<string>
}
