import { Readable } from "node:stream"
import type { RunSpec } from "../../shared/builders/run-spec.ts"
import { createByteReader } from "./byte-reader.ts"
import { ContextError } from "./context-error.ts"
import { type Decompress, decompressorOf } from "./decompress.ts"
import { createPlacer } from "./place-entries.ts"
import { readTar, type TarEntry } from "./read-tar.ts"

/** Below this size nothing explodes, however well it was packed: a few megabytes of zeros are a normal test file. */
const RATIO_FLOOR_BYTES = 16 * 1024 * 1024

/** Fills one folder from any number of archives and files, within one set of limits. */
export type Unpacker = {
  /** Unpacks a tar while it arrives; memory does not grow with it. */
  unpack(archive: AsyncIterable<Uint8Array>, decompress: Decompress): Promise<void>
  /** Places a single entry under the same rules. Its bytes count when they are read. */
  place(entry: TarEntry): Promise<void>
  /** Call once at the end. */
  finish(): { entries: number; bytes: number }
}

/**
 * Unpacks one tar into an empty folder. Uploads are gzip-compressed (az-cli 6.1). Errors: ContextError when a rule is broken (the
 * folder then holds part of the archive and is to be removed), and whatever `archive` throws.
 */
export async function unpackArchive(
  archive: AsyncIterable<Uint8Array>,
  folder: string,
  limits: RunSpec["contextLimits"],
  decompress: Decompress = decompressorOf("gzip", ""),
): Promise<{ entries: number; bytes: number }> {
  const unpacker = createUnpacker(folder, limits)
  await unpacker.unpack(archive, decompress)
  return unpacker.finish()
}

/** `folder` exists, is empty and ours alone. Errors of its functions: see {@link unpackArchive}. */
export function createUnpacker(folder: string, limits: RunSpec["contextLimits"]): Unpacker {
  const placer = createPlacer(folder)
  let entries = 0
  let bytes = 0

  function countBytes(length: number): void {
    bytes += length
    if (bytes > limits.maxBytes) {
      throw new ContextError(`The source archive unpacks to more than ${limits.maxBytes} bytes, the limit.`)
    }
  }

  async function placeEntry(entry: TarEntry): Promise<void> {
    entries += 1
    if (entries > limits.maxEntries) {
      throw new ContextError(`The source archive holds more than ${limits.maxEntries} entries, the limit.`)
    }
    await placer.place(entry)
  }

  return {
    async unpack(archive, decompress) {
      let packedBytes = 0
      let unpackedBytes = 0
      let sourceError: Error | undefined
      const packed = Readable.from(
        mapChunks(archive, (chunk) => {
          packedBytes += chunk.length
        }),
        { objectMode: false },
      )
      packed.on("error", (error) => {
        sourceError = error
      })
      const decompressed = decompress(packed)
      const count = (length: number) => {
        unpackedBytes += length
        countBytes(length)
        if (unpackedBytes > RATIO_FLOOR_BYTES && unpackedBytes > packedBytes * limits.maxRatio) {
          throw new ContextError(
            `The source archive unpacks to more than ${limits.maxRatio} times its size, the limit.`,
          )
        }
      }
      const unpacked = mapChunks(decompressed.bytes, (chunk) => count(chunk.length))
      try {
        for await (const entry of readTar(createByteReader(unpacked))) {
          // Zeros that are not there take as much room as others.
          count(entry.holeBytes)
          await placeEntry(entry)
        }
      } catch (error) {
        throw sourceError ?? toContextError(error, unpackedBytes)
      } finally {
        packed.destroy()
        decompressed.destroy()
      }
    },
    async place(entry) {
      await placeEntry({ ...entry, body: mapChunks(entry.body, (chunk) => countBytes(chunk.length)) })
    },
    finish() {
      placer.finish()
      return { entries, bytes }
    },
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
