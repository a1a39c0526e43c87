import { amqp, type Typed } from "./amqp.ts"

/** Descriptors of a message's sections (AMQP 1.0 part 3, 3.2), in the order in which they stand in a message. */
export const SECTION = {
  header: 0x70,
  deliveryAnnotations: 0x71,
  messageAnnotations: 0x72,
  properties: 0x73,
  applicationProperties: 0x74,
} as const

export type Section = { code: number; start: number; end: number }

/** Where each section of an encoded message starts and ends; bodies are skipped, not decoded. Errors: not a message. */
export function findSections(bytes: Buffer): Section[] {
  const sections: Section[] = []
  for (let at = 0; at < bytes.length; ) {
    if (bytes[at] !== 0) throw new Error("a message section must be a described value")
    const end = endOfValue(bytes, at)
    if (end > bytes.length) throw new Error("a message section is cut off")
    sections.push({ code: descriptorCode(bytes, at + 1), start: at, end })
    at = end
  }
  return sections
}

/** The section's typed value: a list of fields, or keys and values in turn. */
export function readSection(bytes: Buffer, section: Section): Typed[] {
  const { value } = new amqp.types.Reader(bytes.subarray(section.start, section.end)).read()
  if (!Array.isArray(value)) throw new Error("a message section must be a list or a map")
  return value
}

/** Encodes a section whose value is a list of fields. */
export function writeList(code: number, fields: unknown[]): Buffer {
  return write(code, amqp.types.wrap_list(Array.from(fields, (field) => field ?? null)))
}

/** Encodes a section whose value is a map, given as keys and values in turn. */
export function writeMap(code: number, entries: Typed[]): Buffer {
  return write(code, amqp.types.Map32(entries))
}

/** Replaces or adds entries of a map, keeping the others with their AMQP types. */
export function mergeMap(entries: Typed[], changes: Record<string, Typed>, wrapKey: (key: string) => Typed): Typed[] {
  const kept = entries.filter((_, index) => !Object.hasOwn(changes, String(entries[index - (index % 2)]?.value)))
  return [...kept, ...Object.entries(changes).flatMap(([key, value]) => [wrapKey(key), value])]
}

function write(code: number, value: Typed): Buffer {
  const writer = new amqp.types.Writer()
  writer.write(amqp.types.described(amqp.types.wrap_ulong(code), value))
  return writer.toBuffer()
}

function descriptorCode(bytes: Buffer, at: number): number {
  if (bytes[at] === 0x53) return bytes.readUInt8(at + 1)
  if (bytes[at] === 0x80) return Number(bytes.readBigUInt64BE(at + 1))
  throw new Error("a message section must carry a numeric descriptor")
}

/** The high half of a type code says how wide the value is (AMQP 1.0 part 1, 1.2). */
function endOfValue(bytes: Buffer, at: number): number {
  const code = bytes.readUInt8(at)
  if (code === 0) return endOfValue(bytes, endOfValue(bytes, at + 1))
  const width = code >>> 4
  if (width === 4) return at + 1
  if (width >= 5 && width <= 9) return at + 1 + 2 ** (width - 5)
  if (width === 0xa || width === 0xc || width === 0xe) return at + 2 + bytes.readUInt8(at + 1)
  if (width === 0xb || width === 0xd || width === 0xf) return at + 5 + bytes.readUInt32BE(at + 1)
  throw new Error(`0x${code.toString(16)} is no AMQP type`)
}
