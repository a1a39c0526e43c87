import { Readable } from "node:stream"
import { createGunzip } from "node:zlib"
import type { RunSpec } from "../../shared/builders/run-spec.ts"
import { createByteReader } from "./byte-reader.ts"
import { ContextError } from "./context-error.ts"
import { createPlacer } from "./place-entries.ts"
import { readTar } from "./read-tar.ts"

/** Below this size nothing explodes, however well it was packed: a few megabytes of zeros are a normal test file. */
const RATIO_FLOOR_BYTES = 16 * 1024 * 1024

/**
 * Unpacks a tar.gz into an empty folder while it arrives; memory does not grow with the archive. Errors: ContextError when a rule
 * is broken (the folder then holds part of the archive and is to be removed), and whatever `archive` throws.
 */
export async function unpackArchive(
  archive: AsyncIterable<Uint8Array>,
  folder: string,
  limits: RunSpec["contextLimits"],
): Promise<{ entries: number; bytes: number }> {
  let packedBytes = 0
  let bytes = 0
  let entries = 0
  const packed = Readable.from(
    mapChunks(archive, (chunk) => {
      packedBytes += chunk.length
    }),
    { objectMode: false },
  )
  const gunzip = createGunzip({ chunkSize: 64 * 1024 })
  let sourceError: Error | undefined
  packed.on("error", (error) => {
    sourceError = error
    gunzip.destroy(error)
  })
  packed.pipe(gunzip)

  const unpacked = mapChunks(gunzip, (chunk) => {
    bytes += chunk.length
    if (bytes > limits.maxBytes) {
      throw new ContextError(`The source archive unpacks to more than ${limits.maxBytes} bytes, the limit.`)
    }
    if (bytes > RATIO_FLOOR_BYTES && bytes > packedBytes * limits.maxRatio) {
      throw new ContextError(`The source archive unpacks to more than ${limits.maxRatio} times its size, the limit.`)
    }
  })
  const placer = createPlacer(folder)
  try {
    for await (const entry of readTar(createByteReader(unpacked))) {
      entries += 1
      if (entries > limits.maxEntries) {
        throw new ContextError(`The source archive holds more than ${limits.maxEntries} entries, the limit.`)
      }
      await placer.place(entry)
    }
    placer.finish()
    return { entries, bytes }
  } catch (error) {
    throw sourceError === undefined ? toContextError(error, bytes) : error
  } finally {
    packed.destroy()
    gunzip.destroy()
  }
}

async function* mapChunks(source: AsyncIterable<Uint8Array>, look: (chunk: Uint8Array) => void) {
  for await (const chunk of source) {
    look(chunk)
    yield chunk
  }
}

function toContextError(error: unknown, unpackedBytes: number): unknown {
  const code = error instanceof Error && "code" in error ? String(error.code) : ""
  if (code === "Z_BUF_ERROR" && unpackedBytes > 0)
    return new ContextError("The source archive is cut off.", { cause: error })
  if (code === "Z_DATA_ERROR" && unpackedBytes > 0)
    return new ContextError("The source archive is damaged.", { cause: error })
  if (!code.startsWith("Z_")) return error
  return new ContextError("The source archive is not a gzip-compressed tar.", { cause: error })
}
