import type { ByteReader } from "./byte-reader.ts"
import { ContextError, quoteName } from "./context-error.ts"
import { parseSparseRegions, type SparseRegion, type TarHeader } from "./tar-header.ts"

const BLOCK = 512
const CHUNK_BYTES = 64 * 1024
/** A file with more pieces than this is an attack on memory. */
const MAX_REGIONS = 100_000
/** Digits of a number in a map, as many as a safe integer has. */
const MAX_DIGITS = 16
/** The records of GNU tar's pax formats 0.1 and 1.0; its format 0.0 repeats a key, which pax does not know. */
export const SPARSE_KEYS = ["major", "minor", "name", "size", "realsize", "map"].map((key) => `GNU.sparse.${key}`)

/** A file whose zeros are not in the archive: what is there, and where it goes. */
export type SparseMap = { regions: SparseRegion[]; size: number; dataBytes: number }

/**
 * Reads the map of a sparse file (GNU tar manual, "Sparse Formats": old GNU, PAX 0.1, PAX 1.0) where it stands: in extra headers, in pax
 * records, or in front of the content. Undefined for any other file. Errors: ContextError for a map that fits no file.
 */
export async function readSparseMap(
  header: TarHeader,
  pax: ReadonlyMap<string, string>,
  storedBytes: number,
  reader: ByteReader,
  name: string,
): Promise<SparseMap | undefined> {
  if (header.sparse !== undefined) {
    const regions = [...header.sparse.regions]
    for (let isExtended = header.sparse.isExtended; isExtended; ) {
      const more = parseSparseRegions(await reader.exactly(BLOCK), 0, 21)
      if (more === undefined || regions.length > MAX_REGIONS) throw damaged(name)
      regions.push(...more.regions)
      isExtended = more.isExtended
    }
    return checked({ regions, size: header.sparse.size, dataBytes: storedBytes }, name)
  }
  const map = pax.get("GNU.sparse.map")
  if (map !== undefined) {
    const size = Number(pax.get("GNU.sparse.size") ?? Number.NaN)
    return checked({ regions: regionsOf(map.split(",").map(Number)), size, dataBytes: storedBytes }, name)
  }
  if (pax.get("GNU.sparse.major") !== "1" || pax.get("GNU.sparse.minor") !== "0") return undefined
  const { numbers, bytes } = await readNumbers(reader, storedBytes, name)
  const size = Number(pax.get("GNU.sparse.realsize") ?? Number.NaN)
  return checked({ regions: regionsOf(numbers), size, dataBytes: storedBytes - bytes }, name)
}

/** The whole content: `body` holds the regions one behind the other, everything else is zero. Nothing is held in memory. */
export async function* expandSparse(
  body: AsyncIterable<Uint8Array>,
  { regions, size }: SparseMap,
): AsyncGenerator<Uint8Array> {
  const zeros = Buffer.alloc(CHUNK_BYTES)
  let at = 0
  function* fillTo(end: number) {
    for (; at < end; at += Math.min(zeros.length, end - at)) yield zeros.subarray(0, end - at)
  }

  let next = 0
  let left = 0
  for await (const chunk of body) {
    for (let taken = 0; taken < chunk.length; ) {
      while (left === 0) {
        const region = regions[next++]
        yield* fillTo(region?.offset ?? size)
        left = region?.length ?? chunk.length
      }
      const part = chunk.subarray(taken, taken + left)
      yield part
      taken += part.length
      at += part.length
      left -= part.length
    }
  }
  yield* fillTo(size)
}

function regionsOf(numbers: readonly number[]): SparseRegion[] {
  const regions: SparseRegion[] = []
  for (let index = 0; index < numbers.length; index += 2) {
    regions.push({ offset: numbers[index] ?? Number.NaN, length: numbers[index + 1] ?? Number.NaN })
  }
  return regions
}

/** In order, none over another, all inside, and together what is stored. */
function checked(map: SparseMap, name: string): SparseMap {
  let end = 0
  let data = 0
  for (const { offset, length } of map.regions) {
    if (!(offset >= end && length >= 0)) throw damaged(name)
    end = offset + length
    data += length
  }
  const isFitting = Number.isSafeInteger(map.size) && end <= map.size && data === map.dataBytes
  if (!isFitting || map.regions.length > MAX_REGIONS) throw damaged(name)
  return map
}

/** PAX 1.0: lines of one number each, the first how many pairs follow, filled up to a whole block. */
async function readNumbers(reader: ByteReader, storedBytes: number, name: string) {
  const numbers: number[] = []
  let bytes = 0
  let rest = ""
  for (let wanted = 1; numbers.length < wanted; ) {
    if (bytes + BLOCK > storedBytes) throw damaged(name)
    const block = await reader.exactly(BLOCK)
    if (block.length < BLOCK) throw damaged(name)
    bytes += BLOCK
    const lines = `${rest}${Buffer.from(block).toString("latin1")}`.split("\n")
    rest = lines.pop() ?? ""
    for (const line of lines) {
      if (numbers.length === wanted) break
      if (!/^\d+$/.test(line) || line.length > MAX_DIGITS) throw damaged(name)
      numbers.push(Number(line))
      if (numbers.length === 1) wanted = 1 + 2 * Number(line)
    }
    if (wanted > 2 * MAX_REGIONS || (numbers.length < wanted && rest.length > MAX_DIGITS)) throw damaged(name)
  }
  return { numbers: numbers.slice(1), bytes }
}

function damaged(name: string): ContextError {
  return new ContextError(
    `The source archive is damaged: the map of the sparse file ${quoteName(name)} fits no file. Make it without tar's -S (--sparse).`,
  )
}
