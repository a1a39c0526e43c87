/** One 512-byte header, before pax and GNU extensions. */
export type TarHeader = {
  name: string
  linkName: string
  type: string
  mode: number
  mtimeSeconds: number
  size: number
  /** Of GNU's own sparse files (type `S`): the first pieces, whether a block with more follows, and the file's whole size. */
  sparse?: { regions: SparseRegion[]; isExtended: boolean; size: number }
}

/** A piece of a sparse file that is there, in bytes. */
export type SparseRegion = { offset: number; length: number }

const CHECKSUM = { offset: 148, length: 8 }

/** A header block, undefined when its checksum or a number in it is wrong: it is not a tar then, or a damaged one. */
export function parseTarHeader(bytes: Uint8Array): TarHeader | undefined {
  const block = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const mode = readNumber(block, 100, 8)
  const size = readNumber(block, 124, 12)
  const mtimeSeconds = readNumber(block, 136, 12)
  if (readNumber(block, CHECKSUM.offset, CHECKSUM.length) !== checksumOf(block)) return undefined
  if (mode === undefined || size === undefined || size < 0 || mtimeSeconds === undefined) return undefined

  // GNU's own format ("ustar  ") keeps other things where POSIX has the prefix.
  const isPosix = block.toString("latin1", 257, 263) === "ustar\0"
  const prefix = isPosix ? readText(block, 345, 155) : ""
  const name = readText(block, 0, 100)
  const type = String.fromCharCode(block[156] || 0x30)
  const sparse = type === "S" ? parseSparseRegions(block, 386, 4) : undefined
  const sparseSize = readNumber(block, 483, 12)
  if (type === "S" && (sparse === undefined || sparseSize === undefined)) return undefined
  return {
    name: prefix === "" ? name : `${prefix}/${name}`,
    linkName: readText(block, 157, 100),
    type,
    mode,
    mtimeSeconds,
    size,
    ...(sparse !== undefined && { sparse: { ...sparse, size: sparseSize ?? 0 } }),
  }
}

/**
 * Up to `count` pieces of a GNU sparse file from `offset` of a block, and whether another block follows (GNU tar manual, "Old GNU
 * Format"). Undefined when a number is none.
 */
export function parseSparseRegions(
  bytes: Uint8Array,
  offset: number,
  count: number,
): { regions: SparseRegion[]; isExtended: boolean } | undefined {
  const block = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const regions: SparseRegion[] = []
  const end = offset + count * 24
  if (block.length <= end) return undefined
  // The list ends at the first field that is empty.
  for (let at = offset; at < end && block[at] !== 0; at += 24) {
    const region = { offset: readNumber(block, at, 12), length: readNumber(block, at + 12, 12) }
    if (region.offset === undefined || region.length === undefined) return undefined
    regions.push({ offset: region.offset, length: region.length })
  }
  return { regions, isExtended: block[end] === 1 }
}

/** The records of a pax header, `<length> <key>=<value>\n` each, the length in bytes. Undefined when they are malformed. */
export function parsePax(bytes: Uint8Array): Map<string, string> | undefined {
  const block = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const records = new Map<string, string>()
  for (let position = 0; position < block.length; ) {
    const space = block.indexOf(0x20, position)
    const length = Number(block.toString("latin1", position, Math.max(space, position)))
    const end = position + length
    if (!Number.isSafeInteger(length) || length < 5 || end > block.length || block[end - 1] !== 0x0a) return undefined
    const equals = block.indexOf(0x3d, space)
    if (equals < 0 || equals >= end) return undefined
    records.set(block.toString("utf8", space + 1, equals), block.toString("utf8", equals + 1, end - 1))
    position = end
  }
  return records
}

/** The sum of all bytes with the checksum field itself as spaces. */
function checksumOf(block: Buffer): number {
  let sum = 0
  for (let index = 0; index < block.length; index += 1) {
    const isOwnField = index >= CHECKSUM.offset && index < CHECKSUM.offset + CHECKSUM.length
    sum += isOwnField ? 0x20 : (block[index] ?? 0)
  }
  return sum
}

/** Octal digits, or GNU's base 256 when the first bit is set. An empty field is 0. */
function readNumber(block: Buffer, offset: number, length: number): number | undefined {
  const first = block[offset] ?? 0
  if (first < 0x80) {
    const text = readText(block, offset, length).trim()
    if (text === "") return 0
    return /^[0-7]+$/.test(text) ? Number.parseInt(text, 8) : undefined
  }
  let value = first === 0xff ? -1 : first & 0x7f
  for (let index = offset + 1; index < offset + length; index += 1) value = value * 256 + (block[index] ?? 0)
  return Number.isSafeInteger(value) ? value : undefined
}

function readText(block: Buffer, offset: number, length: number): string {
  const field = block.subarray(offset, offset + length)
  const end = field.indexOf(0)
  return field.toString("utf8", 0, end < 0 ? length : end)
}
