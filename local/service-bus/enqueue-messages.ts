import type { Done } from "./journal.ts"
import type { IncomingMessage } from "./message-codec.ts"
import type { QueueState, StoredMessage } from "./queue-state.ts"
import { addRecord, storeMessage } from "./store-message.ts"

/**
 * Takes messages in. `done` is called once all of them are on the disk; only then may a receiver see them. A duplicate is
 * accepted and dropped.
 *
 * @returns their sequence numbers, by which scheduled ones can be cancelled; 0 for a duplicate
 */
export function enqueueMessages(queue: QueueState, incoming: IncomingMessage[], done: Done): number[] {
  let failure: Error | undefined
  const sequenceNumbers = incoming.map((one) => {
    if (queue.duplicates.has(one.messageId)) return 0
    const message = toStored(queue, one)
    queue.duplicates.remember(one.messageId, queue.now())
    queue.journal.append(addRecord(queue, message, one.messageId), message.content.bytes, (error) => {
      failure ??= error
      if (error) queue.duplicates.forget(one.messageId)
      else {
        storeMessage(queue, message)
        queue.wake()
      }
    })
    return message.sequenceNumber
  })
  queue.journal.barrier((error) => done(failure ?? error))
  return sequenceNumbers
}

/** @returns false where one of them is not scheduled (any more); then none is cancelled */
export function cancelScheduled(queue: QueueState, sequenceNumbers: number[], done: Done): boolean {
  const messages = sequenceNumbers.flatMap((sequenceNumber) => queue.messages.get(sequenceNumber) ?? [])
  if (messages.length < sequenceNumbers.length || messages.some(({ state }) => state !== "scheduled")) return false
  for (const message of messages) {
    const { sequenceNumber } = message
    queue.messages.delete(sequenceNumber)
    queue.journal.append({ t: "delete", q: queue.name, s: sequenceNumber }, undefined, (error) => {
      if (error) storeMessage(queue, message)
    })
  }
  queue.journal.barrier(done)
  return true
}

function toStored(queue: QueueState, { content, timeToLiveMs, scheduledAt }: IncomingMessage): StoredMessage {
  const now = queue.now()
  const sequenceNumber = queue.nextSequenceNumber++
  const isScheduled = scheduledAt !== undefined && scheduledAt > now
  // The shorter of the two, counted from when the message becomes active.
  const timeToLive = Math.min(timeToLiveMs ?? Infinity, queue.timeToLiveMs ?? Infinity)
  return {
    sequenceNumber,
    enqueuedSequenceNumber: sequenceNumber,
    content,
    state: isScheduled ? "scheduled" : "active",
    enqueuedAt: now,
    expiresAt: Number.isFinite(timeToLive) ? (isScheduled ? scheduledAt : now) + timeToLive : undefined,
    scheduledAt,
    deliveryCount: 0,
    deadLetterSource: undefined,
    lock: undefined,
    isSettling: false,
  }
}
