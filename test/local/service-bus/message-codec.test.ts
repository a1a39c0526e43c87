import { expect, test } from "vitest"
import { amqp } from "../../../local/service-bus/amqp.ts"
import { changeProperties, readBatch, readMessage, writeMessage } from "../../../local/service-bus/message-codec.ts"

const { types, message: codec } = amqp
const STAMP = {
  deliveryCount: 3,
  timeToLiveMs: undefined,
  sequenceNumber: 7,
  enqueuedSequenceNumber: 5,
  enqueuedAt: 1_700_000_000_000,
  lockedUntil: undefined,
  state: "active",
  deadLetterSource: undefined,
} as const

test("what the broker does not own stays byte for byte: properties, body and footer", () => {
  const body = codec.encode({
    message_id: types.wrap_uuid(Buffer.alloc(16, 7)),
    application_properties: { a: types.wrap_long(5) },
    body: "x",
  })

  const written = writeMessage(readMessage(body).content, STAMP)

  // rhea writes an empty header of 4 bytes; the rest follows what the broker wrote.
  const bare = body.subarray(4)
  expect(written.subarray(-bare.length)).toEqual(bare)
})

test("the sender's header fields and annotations stay, the broker's replace forged ones", () => {
  const bytes = codec.encode({
    durable: true,
    priority: 9,
    ttl: 5_000,
    delivery_count: 99,
    message_annotations: { "x-opt-partition-key": "p", "x-opt-sequence-number": 1_000 },
    message_id: "m",
    body: "x",
  })

  const incoming = readMessage(bytes)
  const written = codec.decode(writeMessage(incoming.content, { ...STAMP, lockedUntil: 1_700_000_060_000 }))

  expect(incoming).toMatchObject({ messageId: "m", timeToLiveMs: 5_000, scheduledAt: undefined })
  expect(written).toMatchObject({
    durable: true,
    priority: 9,
    ttl: 5_000,
    delivery_count: 3,
    message_id: "m",
    body: "x",
  })
  expect(written.message_annotations).toEqual({
    "x-opt-partition-key": "p",
    "x-opt-sequence-number": 7,
    "x-opt-enqueue-sequence-number": 5,
    "x-opt-enqueued-time": new Date(1_700_000_000_000),
    "x-opt-locked-until": new Date(1_700_000_060_000),
    "x-opt-message-state": 0,
  })
})

test("a message without properties gets some, with an id", () => {
  const bytes = codec.encode({ body: "x", subject: "s" })

  const first = readMessage(bytes)
  const written = codec.decode(writeMessage(first.content, STAMP))

  expect(written).toMatchObject({ message_id: first.messageId, subject: "s", body: "x" })
  expect(readMessage(bytes).messageId).not.toBe(first.messageId)
})

test("ids of different types are different ids", () => {
  const ids = ["1", 1, Buffer.from("1")].map((id) => readMessage(codec.encode({ message_id: id, body: "" })).messageId)

  expect(new Set(ids).size).toBe(3)
})

test("changed properties keep their neighbours and what surrounds them", () => {
  const bytes = codec.encode({
    message_id: "m",
    application_properties: { a: types.wrap_long(1), b: "old" },
    body: { c: [1] },
  })

  const changed = changeProperties(readMessage(bytes).content, { b: "new", d: true })
  const decoded = codec.decode(changed.bytes)

  expect(decoded).toMatchObject({
    message_id: "m",
    application_properties: { a: 1, b: "new", d: true },
    body: { c: [1] },
  })
})

test("properties can be added to a message that has none", () => {
  const changed = changeProperties(readMessage(codec.encode({ message_id: "m", body: "x" })).content, { a: 1 })

  expect(codec.decode(changed.bytes)).toMatchObject({ message_id: "m", application_properties: { a: 1 }, body: "x" })
})

test("a batch of one and a batch of none are batches", () => {
  const envelope = (content: Buffer[]) => ({ typecode: 0x75, content, multiple: true, collect_sections: collect })
  function collect(this: { content: Buffer[] }, sections: unknown[]) {
    for (const one of this.content) sections.push(types.described(types.wrap_ulong(0x75), types.wrap(one)))
  }
  const one = codec.encode({ message_id: "m", body: "x" })

  expect(readBatch(codec.encode({ body: envelope([one]) })).map(({ messageId }) => messageId)).toEqual(["m"])
  expect(readBatch(codec.encode({ body: envelope([]) }))).toEqual([])
})

test.each([
  ["text", Buffer.from("hello")],
  ["an unknown type code", Buffer.from([0, 0x53, 0x77, 0x3f, 1])],
  ["a section that is cut off", codec.encode({ message_id: "m", body: "a longer body" }).subarray(0, -4)],
  ["a size that reaches beyond the end", Buffer.from([0, 0x53, 0x75, 0xb0, 0xff, 0xff, 0xff, 0xff, 1])],
])("%s is no message", (_, bytes) => {
  expect(() => readMessage(bytes)).toThrow()
})
