import { deadLetterExhausted } from "./dead-letter-message.ts"
import type { Entry } from "./journal.ts"
import type { JournalRecord } from "./journal-record.ts"
import type { QueueState, StoredMessage } from "./queue-state.ts"
import { addRecord, storeMessage } from "./store-message.ts"

/** Applies one record of the journal to the queues' memory. @returns false where the queue is not configured (any more) */
export function applyRecord(queues: Map<string, QueueState>, record: JournalRecord, bytes: Buffer): boolean {
  if (record.t === "journal") return true
  const queue = queues.get(record.q.toLowerCase())
  if (queue === undefined) return false
  if (record.t === "queue") queue.nextSequenceNumber = Math.max(queue.nextSequenceNumber, record.next)
  else if (record.t === "id") queue.duplicates.remember(record.id, record.at)
  else if (record.t === "add") add(queue, record, bytes)
  else change(queues, queue, record, bytes)
  return true
}

/** After the last record: locks are gone, so every message waits again, unless it was tried too often. */
export function wakeRestored(queue: QueueState): void {
  for (const message of [...queue.messages.values()].sort((a, b) => a.sequenceNumber - b.sequenceNumber)) {
    storeMessage(queue, message)
    if (message.state === "active" && message.deliveryCount >= queue.maxDeliveryCount)
      deadLetterExhausted(queue, message)
  }
  queue.wake()
}

/** Everything that must survive, as records of a compacted journal. */
export function* pictureOf(queues: Iterable<QueueState>): Generator<Entry> {
  for (const queue of queues) {
    // A dead-letter queue gives out no numbers of its own.
    if (queue.deadLetters) yield { record: { t: "queue", q: queue.name, next: queue.nextSequenceNumber } }
    for (const [id, at] of queue.duplicates.entries()) yield { record: { t: "id", q: queue.name, id, at } }
    for (const message of queue.messages.values()) {
      const record = addRecord(queue, message)
      // A delivery that is under way counts, should the broker die before it is settled.
      if (record.t === "add" && message.lock) record.deliveries += 1
      yield { record, bytes: message.content.bytes }
    }
  }
}

function add(queue: QueueState, record: Extract<JournalRecord, { t: "add" }>, bytes: Buffer): void {
  if (record.id !== undefined) queue.duplicates.remember(record.id, record.at)
  queue.nextSequenceNumber = Math.max(queue.nextSequenceNumber, record.s + 1)
  queue.messages.set(record.s, {
    sequenceNumber: record.s,
    enqueuedSequenceNumber: record.enqueued,
    content: { bytes: Buffer.from(bytes), bareStart: record.bareStart },
    state: record.state,
    enqueuedAt: record.at,
    expiresAt: record.expiresAt,
    scheduledAt: record.scheduledAt,
    deliveryCount: record.deliveries,
    deadLetterSource: record.from,
    lock: undefined,
    isSettling: false,
  })
}

type Change = Exclude<JournalRecord, { t: "journal" | "queue" | "id" | "add" }>

function change(queues: Map<string, QueueState>, queue: QueueState, record: Change, bytes: Buffer): void {
  const message = queue.messages.get(record.s)
  // The picture that a compacted journal starts with may be newer than this record.
  if (message === undefined) return
  if ("deliveries" in record) message.deliveryCount = record.deliveries
  if ("bareStart" in record) message.content = { bytes: Buffer.from(bytes), bareStart: record.bareStart }
  if (record.t === "defer") message.state = "deferred"
  else if (record.t === "delete") queue.messages.delete(record.s)
  else if (record.t === "due") move(queue, queue, message, { sequenceNumber: record.next, enqueuedAt: record.at })
  else if (record.t === "dead") {
    const target = queues.get(record.to.toLowerCase())
    if (target) move(queue, target, message, { expiresAt: undefined, deadLetterSource: queue.name })
  }
}

function move(from: QueueState, to: QueueState, message: StoredMessage, changes: Partial<StoredMessage>): void {
  from.messages.delete(message.sequenceNumber)
  const moved: StoredMessage = { ...message, ...changes, state: "active" }
  to.messages.set(moved.sequenceNumber, moved)
  to.nextSequenceNumber = Math.max(to.nextSequenceNumber, moved.sequenceNumber + 1)
}
