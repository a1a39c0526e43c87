import { randomUUID } from "node:crypto"
import { amqp, type Typed } from "./amqp.ts"
import { findSections, mergeMap, readSection, SECTION, type Section, writeList, writeMap } from "./message-sections.ts"

/** A message as it is stored: the sender's own bytes, so that every AMQP type survives. */
export type Content = {
  bytes: Buffer
  /** Where the sections begin that the broker never rewrites for a delivery (properties, body, footer). */
  bareStart: number
}
export type IncomingMessage = {
  content: Content
  /** Key of duplicate detection. */
  messageId: string
  timeToLiveMs: number | undefined
  scheduledAt: number | undefined
}
/** What the broker writes into a message when it hands it out. */
export type Stamp = {
  deliveryCount: number
  timeToLiveMs: number | undefined
  sequenceNumber: number
  enqueuedSequenceNumber: number
  enqueuedAt: number
  lockedUntil: number | undefined
  state: "active" | "deferred" | "scheduled"
  deadLetterSource: string | undefined
}

const { types } = amqp
const MESSAGE_STATES = { active: 0, deferred: 1, scheduled: 2 } as const
/** Milliseconds in the header's 32 bits: 49 days. Beyond that the field is left out. */
const MAX_HEADER_TTL = 0xffff_ffff

/**
 * Reads what a sender sent. A message without an id gets one: the SDK's lock renewer keys its renewals by it and throws
 * where there is none (service-bus.md, pitfall 4). Errors: not an AMQP message.
 */
export function readMessage(bytes: Buffer): IncomingMessage {
  const sections = findSections(bytes)
  const find = (code: number) => sections.find((section) => section.code === code)
  const header = find(SECTION.header)
  const annotations = find(SECTION.messageAnnotations)
  const properties = find(SECTION.properties)
  const { propertiesBytes, messageId } = readProperties(bytes, properties)
  const kept = [header, annotations].map((section) => (section ? slice(bytes, section) : Buffer.alloc(0)))
  const rest = sections.filter((section) => section.code > SECTION.properties).map((section) => slice(bytes, section))
  const ttl = header ? readSection(bytes, header)[2]?.value : undefined
  const scheduledAt = annotations
    ? findValue(readSection(bytes, annotations), "x-opt-scheduled-enqueue-time")
    : undefined
  return {
    content: {
      bytes: Buffer.concat([...kept, propertiesBytes, ...rest]),
      bareStart: kept.reduce((sum, section) => sum + section.length, 0),
    },
    messageId,
    timeToLiveMs: typeof ttl === "number" ? ttl : undefined,
    scheduledAt: scheduledAt instanceof Date ? scheduledAt.getTime() : undefined,
  }
}

/** The messages of a batch: each data section of the envelope is one encoded message. Errors: not an AMQP message. */
export function readBatch(bytes: Buffer): IncomingMessage[] {
  const { body } = amqp.message.decode(bytes) as { body?: { content: Buffer | Buffer[]; multiple?: boolean } }
  if (body === undefined) return []
  return (Array.isArray(body.content) ? body.content : [body.content]).map(readMessage)
}

/** The message as a receiver gets it: the sender's bytes with a new header and the broker's annotations. */
export function writeMessage({ bytes, bareStart }: Content, stamp: Stamp): Buffer {
  const sections = findSections(bytes.subarray(0, bareStart))
  const header = sections.find(({ code }) => code === SECTION.header)
  const annotations = sections.find(({ code }) => code === SECTION.messageAnnotations)
  const [durable, priority, ttl, firstAcquirer] = header ? readSection(bytes, header) : []
  const { timeToLiveMs: left } = stamp
  // The delivery count is always written: the SDK reads a missing one as undefined, not as 0.
  const fields = [
    durable,
    priority,
    left !== undefined && left <= MAX_HEADER_TTL ? types.wrap_uint(left) : ttl,
    firstAcquirer,
    types.wrap_uint(stamp.deliveryCount),
  ]
  return Buffer.concat([
    writeList(SECTION.header, fields),
    writeMap(
      SECTION.messageAnnotations,
      mergeMap(annotations ? readSection(bytes, annotations) : [], systemAnnotations(stamp), types.wrap_symbol),
    ),
    bytes.subarray(bareStart),
  ])
}

/** The message with application properties set, as an abandon, a defer or a dead-lettering asks for it. */
export function changeProperties({ bytes, bareStart }: Content, changes: Record<string, unknown>): Content {
  const sections = findSections(bytes)
  const current = sections.find(({ code }) => code === SECTION.applicationProperties)
  const properties = sections.find(({ code }) => code === SECTION.properties)
  const at = current?.start ?? properties?.end ?? bareStart
  const typed = Object.fromEntries(Object.entries(changes).map(([key, value]) => [key, types.wrap(value)]))
  const merged = mergeMap(current ? readSection(bytes, current) : [], typed, types.wrap)
  return {
    bytes: Buffer.concat([
      bytes.subarray(0, at),
      writeMap(SECTION.applicationProperties, merged),
      bytes.subarray(current?.end ?? at),
    ]),
    bareStart,
  }
}

function systemAnnotations(stamp: Stamp): Record<string, Typed> {
  const { lockedUntil, deadLetterSource } = stamp
  return {
    "x-opt-sequence-number": types.wrap_long(stamp.sequenceNumber),
    "x-opt-enqueue-sequence-number": types.wrap_long(stamp.enqueuedSequenceNumber),
    "x-opt-enqueued-time": types.wrap_timestamp(stamp.enqueuedAt),
    "x-opt-message-state": types.wrap_int(MESSAGE_STATES[stamp.state]),
    ...(lockedUntil === undefined ? {} : { "x-opt-locked-until": types.wrap_timestamp(lockedUntil) }),
    ...(deadLetterSource === undefined ? {} : { "x-opt-deadletter-source": types.wrap(deadLetterSource) }),
  }
}

function readProperties(bytes: Buffer, section: Section | undefined): { propertiesBytes: Buffer; messageId: string } {
  const fields = section ? readSection(bytes, section) : []
  const id = fields[0]?.value
  if (section && id !== undefined && id !== null)
    return { propertiesBytes: slice(bytes, section), messageId: idKey(id) }
  const messageId = randomUUID().replaceAll("-", "")
  return { propertiesBytes: writeList(SECTION.properties, [types.wrap(messageId), ...fields.slice(1)]), messageId }
}

/** An id may be a string, a number or bytes, and "1" is not 1. */
function idKey(id: unknown): string {
  if (typeof id === "string") return id
  return Buffer.isBuffer(id) ? `bytes:${id.toString("hex")}` : `${typeof id}:${String(id)}`
}

function findValue(entries: Typed[], key: string): unknown {
  const index = entries.findIndex((entry, at) => at % 2 === 0 && entry.value === key)
  return index === -1 ? undefined : entries[index + 1]?.value
}

function slice(bytes: Buffer, { start, end }: Section): Buffer {
  return bytes.subarray(start, end)
}
