import { readdir, stat } from "node:fs/promises"
import path from "node:path"
import type { LokiStore } from "./azurite-types.ts"

/** Azurite's name for a range of zeros that no file holds. */
const ZERO_EXTENT = "*ZERO*"

type Chunk = { id: string; offset: number; count: number }
type StoredBlob = {
  containerName: string
  name: string
  blobName?: string
  persistency?: Chunk
  committedBlocksInOrder?: { persistency: Chunk }[]
}

export type Losses = {
  /** `container/blob` of what is listed but cannot be read, and why. */
  unreadable: { blob: string; reason: string }[]
  /** Bytes that were written for blobs whose entry did not get saved: uploads or log lines that are gone. */
  unnamedBytes: number
}

/** Compares what the blob store's lists name with the files that hold the bytes. Reads file sizes only. */
export async function findLosses(
  stores: { metadataStore: LokiStore; extentMetadataStore: LokiStore },
  extentFolder: string,
): Promise<Losses> {
  const sizes = await sizesOf(extentFolder)
  const extents = documents<{ id: string; size: number }>(stores.extentMetadataStore, "$EXTENTS_COLLECTION$")
  const known = new Map(extents.map(({ id, size }) => [id, size]))
  const blobs = documents<StoredBlob>(stores.metadataStore, "$BLOBS_COLLECTION$")
  const blocks = documents<StoredBlob>(stores.metadataStore, "$BLOCKS_COLLECTION$")
  const unreadable: Losses["unreadable"] = []
  for (const entry of [...blobs, ...blocks]) {
    const reason = chunksOf(entry)
      .map((chunk) => problemOf(chunk, known, sizes))
      .find((found) => found !== undefined)
    if (reason !== undefined)
      unreadable.push({ blob: `${entry.containerName}/${entry.blobName ?? entry.name}`, reason })
  }
  let unnamedBytes = 0
  for (const [id, size] of sizes) unnamedBytes += Math.max(0, size - (known.get(id) ?? 0))
  return { unreadable, unnamedBytes }
}

function chunksOf(entry: StoredBlob): Chunk[] {
  const own = entry.persistency === undefined ? [] : [entry.persistency]
  return [...own, ...(entry.committedBlocksInOrder ?? []).map(({ persistency }) => persistency)]
}

function problemOf(chunk: Chunk, known: Map<string, number>, sizes: Map<string, number>): string | undefined {
  if (chunk.count === 0 || chunk.id === ZERO_EXTENT) return undefined
  const size = sizes.get(chunk.id)
  if (size === undefined) return `the file ${chunk.id} is missing`
  if (size < chunk.offset + chunk.count) return `the file ${chunk.id} is too short`
  return known.has(chunk.id) ? undefined : `the file ${chunk.id} is not listed`
}

function documents<Document>(store: LokiStore, collection: string): Document[] {
  return (store.db.getCollection(collection)?.data ?? []) as Document[]
}

async function sizesOf(folder: string): Promise<Map<string, number>> {
  const names = await readdir(folder).catch(() => [])
  return new Map(
    await Promise.all(names.map(async (name) => [name, (await stat(path.join(folder, name))).size] as const)),
  )
}
