/** Reads a stream of chunks by count, one buffer at a time. */
export type ByteReader = {
  /** Between 1 and `max` bytes, undefined at the end. Valid until the next call. */
  take(max: number): Promise<Uint8Array | undefined>
  /** `count` bytes, or fewer at the end. */
  exactly(count: number): Promise<Uint8Array>
}

export function createByteReader(source: AsyncIterable<Uint8Array>): ByteReader {
  const chunks = source[Symbol.asyncIterator]()
  let chunk: Uint8Array = new Uint8Array(0)

  async function take(max: number): Promise<Uint8Array | undefined> {
    while (chunk.length === 0) {
      const next = await chunks.next()
      if (next.done) return undefined
      chunk = next.value
    }
    const taken = chunk.subarray(0, max)
    chunk = chunk.subarray(taken.length)
    return taken
  }

  async function exactly(count: number): Promise<Uint8Array> {
    if (chunk.length >= count) return (await take(count)) ?? new Uint8Array(0)
    const parts: Uint8Array[] = []
    for (let missing = count; missing > 0; ) {
      const part = await take(missing)
      if (part === undefined) break
      parts.push(part)
      missing -= part.length
    }
    return Buffer.concat(parts)
  }

  return { take, exactly }
}
