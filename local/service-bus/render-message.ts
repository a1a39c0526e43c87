import { writeMessage } from "./message-codec.ts"
import type { StoredMessage } from "./queue-state.ts"

/** A stored message as a receiver sees it now. */
export function renderMessage(message: StoredMessage): Buffer {
  const { expiresAt, enqueuedAt, scheduledAt, lock } = message
  const becameActiveAt = message.state === "scheduled" ? (scheduledAt ?? enqueuedAt) : enqueuedAt
  return writeMessage(message.content, {
    deliveryCount: message.deliveryCount,
    timeToLiveMs: expiresAt === undefined ? undefined : Math.max(0, Math.round(expiresAt - becameActiveAt)),
    sequenceNumber: message.sequenceNumber,
    enqueuedSequenceNumber: message.enqueuedSequenceNumber,
    enqueuedAt,
    lockedUntil: lock === undefined ? undefined : Math.floor(lock.until),
    state: message.state,
    deadLetterSource: message.deadLetterSource,
  })
}
