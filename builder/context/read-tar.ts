import type { ByteReader } from "./byte-reader.ts"
import { ContextError, quoteName } from "./context-error.ts"
import { expandSparse, readSparseMap, SPARSE_KEYS } from "./sparse-file.ts"
import { parsePax, parseTarHeader, type TarHeader } from "./tar-header.ts"

const BLOCK = 512
/** A pax header or a long name larger than this is an attack on memory, not a name. */
const MAX_EXTENSION_BYTES = 1024 * 1024
const CHUNK_BYTES = 64 * 1024
/** A writer puts one or two before an entry; a flood of them is an attack on time and memory. */
const MAX_EXTENSIONS_PER_ENTRY = 16
/** The records that mean something here; whatever else a pax header holds is dropped at once. */
const PAX_KEYS = new Set(["path", "linkpath", "size", "mtime", ...SPARSE_KEYS])

export type TarEntryType = "file" | "directory" | "symlink" | "hardlink"
export type TarEntry = {
  type: TarEntryType
  name: string
  linkName: string
  mode: number
  mtimeSeconds: number
  size: number
  /** How much of `size` are zeros that the archive does not hold. */
  holeBytes: number
  /** The content of a file. What is not read is skipped before the next entry. */
  body: AsyncGenerator<Uint8Array>
}

const TYPES: Record<string, TarEntryType> = {
  "0": "file",
  "7": "file",
  S: "file",
  "1": "hardlink",
  "2": "symlink",
  "5": "directory",
}
const REFUSED: Record<string, string> = { "3": "a character device", "4": "a block device", "6": "a named pipe" }

/**
 * The entries of an unpacked tar: ustar, pax (az-cli 6.1), GNU long names and sparse files. Errors: ContextError when it is no tar, is cut off, or
 * holds something that is neither file, directory nor link.
 */
export async function* readTar(reader: ByteReader): AsyncGenerator<TarEntry> {
  let global = new Map<string, string>()
  let extended = new Map<string, string>()
  let extensions = 0
  for (let isFirst = true; ; ) {
    const block = await reader.exactly(BLOCK)
    if (block.length === 0 && !isFirst) return
    if (block.length < BLOCK) throw isFirst ? notTar() : truncated()
    if (block.every((byte) => byte === 0)) return drain(reader)
    const header = parseTarHeader(block)
    if (header === undefined)
      throw isFirst ? notTar() : new ContextError("The source archive is damaged: a header's checksum is wrong.")
    isFirst = false
    if ("xgLK".includes(header.type) && ++extensions > MAX_EXTENSIONS_PER_ENTRY) {
      throw new ContextError("The source archive holds too many headers for one entry.")
    }

    if (header.type === "x" || header.type === "g") {
      const records = knownRecords(parsePax(await readExtension(reader, header)))
      if (header.type === "g") global = new Map([...global, ...records])
      else extended = new Map([...extended, ...records])
    } else if (header.type === "L" || header.type === "K") {
      const text = Buffer.from(await readExtension(reader, header))
        .toString("utf8")
        .replace(/\0.*$/s, "")
      extended.set(header.type === "L" ? "path" : "linkpath", text)
    } else {
      const entry = await entryOf(header, new Map([...global, ...extended]), reader)
      extended = new Map()
      extensions = 0
      yield entry
      await finish(entry.body)
    }
  }
}

/** Errors: ContextError for what cannot be read, and for the oldest form of sparse files, which repeats its keys. */
function knownRecords(records: Map<string, string> | undefined): [string, string][] {
  if (records === undefined) throw new ContextError("The source archive is damaged: a pax header cannot be read.")
  const all = [...records]
  if (all.some(([key]) => key === "GNU.sparse.offset")) {
    throw new ContextError(
      "The source archive holds a sparse file of the old format 0.0; make it without tar's -S (--sparse).",
    )
  }
  return all.filter(([key]) => PAX_KEYS.has(key))
}

async function entryOf(header: TarHeader, pax: Map<string, string>, reader: ByteReader): Promise<TarEntry> {
  // The path of a sparse file is a made-up one, for readers that do not know the format.
  const name = pax.get("GNU.sparse.name") ?? pax.get("path") ?? header.name
  const refused = REFUSED[header.type]
  if (refused !== undefined)
    throw new ContextError(
      `The source archive holds ${refused}, ${quoteName(name)}: only files, directories and links are allowed.`,
    )
  // Old archives mark a directory by nothing but a slash at the end.
  const type = header.type === "0" && name.endsWith("/") ? "directory" : TYPES[header.type]
  if (type === undefined)
    throw new ContextError(`The source archive holds an entry of unknown type "${header.type}", ${quoteName(name)}.`)

  const size = numberFrom(pax, "size", header.size)
  const mtimeSeconds = numberFrom(pax, "mtime", header.mtimeSeconds)
  const linkName = pax.get("linkpath") ?? header.linkName
  // A hard link may carry the size of its target, but none of these has content (as Python's tarfile reads them).
  const bodySize = type === "file" ? size : 0
  const common = { type, name, linkName, mode: header.mode, mtimeSeconds }
  const sparse = type === "file" ? await readSparseMap(header, pax, bodySize, reader, name) : undefined
  if (sparse === undefined) return { ...common, size: bodySize, holeBytes: 0, body: readBody(reader, bodySize, name) }
  return {
    ...common,
    size: sparse.size,
    holeBytes: sparse.size - sparse.dataBytes,
    body: expandSparse(readBody(reader, sparse.dataBytes, name), sparse),
  }
}

function numberFrom(pax: Map<string, string>, key: string, otherwise: number): number {
  const value = Number(pax.get(key) || Number.NaN)
  if (Number.isNaN(value)) return otherwise
  if (key === "size" && !(Number.isSafeInteger(value) && value >= 0)) {
    throw new ContextError("The source archive is damaged: a pax header gives an impossible size.")
  }
  return value
}

async function* readBody(reader: ByteReader, size: number, name: string): AsyncGenerator<Uint8Array> {
  for (let left = size; left > 0; ) {
    const chunk = await reader.take(Math.min(left, CHUNK_BYTES))
    if (chunk === undefined) throw truncated(name)
    left -= chunk.length
    yield chunk
  }
  const padding = (BLOCK - (size % BLOCK)) % BLOCK
  if ((await reader.exactly(padding)).length < padding) throw truncated(name)
}

async function finish(body: AsyncGenerator<Uint8Array>): Promise<void> {
  while (!(await body.next()).done);
}

async function readExtension(reader: ByteReader, header: TarHeader): Promise<Uint8Array> {
  if (header.size > MAX_EXTENSION_BYTES) throw new ContextError("The source archive holds a header larger than 1 MiB.")
  const bytes = await reader.exactly(Math.ceil(header.size / BLOCK) * BLOCK)
  if (bytes.length < header.size) throw truncated()
  return bytes.subarray(0, header.size)
}

/** What follows the end mark is ignored but still counted against the limits and checked by gzip's own checksum. */
async function drain(reader: ByteReader): Promise<void> {
  while ((await reader.take(CHUNK_BYTES)) !== undefined);
}

function notTar(): ContextError {
  return new ContextError("The source archive is not a gzip-compressed tar.")
}

function truncated(name?: string): ContextError {
  return new ContextError(`The source archive is cut off${name === undefined ? "" : ` inside ${quoteName(name)}`}.`)
}
