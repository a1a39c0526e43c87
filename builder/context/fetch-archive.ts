import type { ArchiveLocation } from "../../shared/contexts/source-location.ts"
import type { SourceSecrets } from "../../shared/contexts/take-secrets.ts"
import { archiveKind, foundInstead, KIND_BYTES } from "./archive-kind.ts"
import { type ByteReader, createByteReader } from "./byte-reader.ts"
import { ContextError } from "./context-error.ts"
import { decompressorOf } from "./decompress.ts"
import { downloadArchive } from "./download-archive.ts"
import type { FetchDeps } from "./fetch-deps.ts"
import { unpackArchive } from "./unpack-archive.ts"

const CHUNK_BYTES = 64 * 1024

/**
 * Downloads an archive and unpacks it into the empty `folder` as it comes; tar, plain or packed with gzip, bzip2, xz or zstd, told by
 * its content (task-file 7.4). Plain http is said in the log and takes no secret along. Errors: ContextError; the signal's reason.
 */
export async function fetchArchive(
  { url }: ArchiveLocation,
  secrets: SourceSecrets,
  folder: string,
  deps: Pick<FetchDeps, "limits" | "rules" | "backOff" | "ca" | "path" | "say" | "signal">,
): Promise<void> {
  const { host, protocol } = new URL(url)
  if (protocol === "http:") {
    if (secrets.login !== undefined || secrets.query !== undefined) {
      throw new ContextError(
        `The source archive at ${host} needs a secret, which plain http:// would show to everybody; use https://.`,
      )
    }
    deps.say(`WARNING: the source archive at ${host} comes over plain http://: nothing proves that it was not changed.`)
  }
  const { maxBytes } = deps.limits
  await unpackAny(downloadArchive(url, secrets, { ...deps, maxBytes }), folder, deps)
}

/** Unpacks whatever kind of tar it is. Errors: ContextError, also when it holds nothing or is something else. */
export async function unpackAny(
  archive: AsyncIterable<Uint8Array>,
  folder: string,
  { limits, path }: Pick<FetchDeps, "limits" | "path">,
): Promise<void> {
  const reader = createByteReader(archive)
  const start = Buffer.from(await reader.exactly(KIND_BYTES))
  const kind = archiveKind(start)
  if (kind === undefined) {
    throw new ContextError(
      `The source archive is no tar (plain, gzip, bzip2, xz or zstd): what was found is ${foundInstead(start)}.`,
    )
  }
  const { entries } = await unpackArchive(allOf(start, reader), folder, limits, decompressorOf(kind, path))
  if (entries === 0) throw new ContextError(`The source archive (${kind}) holds no files.`)
}

async function* allOf(start: Uint8Array, reader: ByteReader): AsyncGenerator<Uint8Array> {
  yield start
  for (;;) {
    const chunk = await reader.take(CHUNK_BYTES)
    if (chunk === undefined) return
    yield chunk
  }
}
