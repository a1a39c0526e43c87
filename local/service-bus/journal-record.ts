import { crc32 } from "node:zlib"
import { z } from "zod"

const at = { q: z.string(), s: z.number().int().nonnegative() }
const bareStart = z.number().int().nonnegative()

/**
 * What the journal holds. Every record may be applied twice: a compacted journal starts with a picture of the queues and
 * goes on with records that the picture may already contain. `q` is a queue, `s` a sequence number; instants in ms.
 */
export const JournalRecord = z.discriminatedUnion("t", [
  z.object({ t: z.literal("journal"), v: z.literal(1) }),
  /** The next sequence number that is free. */
  z.object({ t: z.literal("queue"), q: z.string(), next: z.number().int().positive() }),
  /** A message id that duplicate detection remembers. */
  z.object({ t: z.literal("id"), q: z.string(), id: z.string(), at: z.number() }),
  /** A message was accepted; its bytes follow the record. */
  z.object({
    ...at,
    t: z.literal("add"),
    id: z.string().optional(),
    at: z.number(),
    expiresAt: z.number().optional(),
    scheduledAt: z.number().optional(),
    state: z.enum(["active", "deferred", "scheduled"]),
    deliveries: z.number().int().nonnegative(),
    enqueued: z.number().int().nonnegative(),
    from: z.string().optional(),
    bareStart,
  }),
  /** So many deliveries count against the message if nothing more is heard of it. */
  z.object({ ...at, t: z.literal("try"), deliveries: z.number().int().nonnegative() }),
  z.object({ ...at, t: z.literal("delete") }),
  /** A scheduled message became active, under a new sequence number. */
  z.object({ ...at, t: z.literal("due"), next: z.number().int().positive(), at: z.number() }),
  z.object({ ...at, t: z.literal("defer"), deliveries: z.number().int().nonnegative() }),
  /** Its properties were changed; its new bytes follow the record. */
  z.object({ ...at, t: z.literal("edit"), bareStart }),
  /** It moved to the dead-letter queue; its new bytes follow the record. */
  z.object({ ...at, t: z.literal("dead"), to: z.string(), deliveries: z.number().int().nonnegative(), bareStart }),
])
export type JournalRecord = z.infer<typeof JournalRecord>

const FRAME_BYTES = 10

/** Frame: length of the rest, checksum of the rest, length of the JSON, JSON, message bytes. */
export function encodeRecord(record: JournalRecord, bytes: Buffer | undefined): Buffer {
  const json = Buffer.from(JSON.stringify(record))
  const frame = Buffer.allocUnsafe(FRAME_BYTES + json.length + (bytes?.length ?? 0))
  frame.writeUInt32BE(frame.length - 8, 0)
  frame.writeUInt16BE(json.length, 8)
  json.copy(frame, FRAME_BYTES)
  bytes?.copy(frame, FRAME_BYTES + json.length)
  frame.writeUInt32BE(crc32(frame.subarray(8)), 4)
  return frame
}

/**
 * Reads the record at `offset`, or nothing where the journal's intact part ends: the file is over, or its last write did
 * not finish. Errors: a record that is whole and yet unknown (a journal of a newer version).
 */
export function decodeRecord(journal: Buffer, offset: number) {
  if (offset + FRAME_BYTES > journal.length) return undefined
  const end = offset + 8 + journal.readUInt32BE(offset)
  const jsonEnd = offset + FRAME_BYTES + journal.readUInt16BE(offset + 8)
  if (end > journal.length || jsonEnd > end) return undefined
  if (crc32(journal.subarray(offset + 8, end)) !== journal.readUInt32BE(offset + 4)) return undefined
  const json: unknown = JSON.parse(journal.toString("utf8", offset + FRAME_BYTES, jsonEnd))
  return { record: JournalRecord.parse(json), bytes: journal.subarray(jsonEnd, end), end }
}
