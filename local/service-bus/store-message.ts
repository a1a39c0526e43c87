import type { JournalRecord } from "./journal-record.ts"
import type { QueueState, StoredMessage } from "./queue-state.ts"

/** Puts a message into the queue's memory, where it waits for a receiver, for its time, or to be asked for. */
export function storeMessage(queue: QueueState, message: StoredMessage): void {
  const { sequenceNumber, state, scheduledAt, expiresAt } = message
  message.isSettling = false
  queue.messages.set(sequenceNumber, message)
  if (state === "active") queue.ready.add(message)
  if (state === "scheduled" && scheduledAt !== undefined) queue.deadlines.add({ at: scheduledAt, sequenceNumber })
  else if (expiresAt !== undefined) queue.deadlines.add({ at: expiresAt, sequenceNumber })
  queue.deadlines.prune((deadline) => queue.messages.has(deadline.sequenceNumber))
}

/** The record from which a message can be stored again. */
export function addRecord(queue: QueueState, message: StoredMessage, id?: string): JournalRecord {
  const { expiresAt, scheduledAt, deadLetterSource } = message
  return {
    t: "add",
    q: queue.name,
    s: message.sequenceNumber,
    at: message.enqueuedAt,
    state: message.state,
    deliveries: message.deliveryCount,
    enqueued: message.enqueuedSequenceNumber,
    bareStart: message.content.bareStart,
    ...(id === undefined ? {} : { id }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
    ...(scheduledAt === undefined ? {} : { scheduledAt }),
    ...(deadLetterSource === undefined ? {} : { from: deadLetterSource }),
  }
}
