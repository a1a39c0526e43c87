import { isExpired } from "./dead-letter-message.ts"
import type { Done } from "./journal.ts"
import { lockMessage } from "./lock-message.ts"
import type { QueueState, StoredMessage } from "./queue-state.ts"

/** Messages from a sequence number on, in order, whatever their state; they stay as they are. */
export function peekMessages(queue: QueueState, from: number, count: number): StoredMessage[] {
  return [...queue.messages.values()]
    .filter((message) => message.sequenceNumber >= from && !isExpired(queue, message))
    .sort((a, b) => a.sequenceNumber - b.sequenceNumber)
    .slice(0, count)
}

/**
 * Deferred messages by their sequence numbers, locked for the caller, or deleted when the caller wants that.
 *
 * @returns nothing where one of them is not deferred, or is locked already; `done` is not called then
 */
export function receiveDeferred(
  queue: QueueState,
  sequenceNumbers: number[],
  isReceiveAndDelete: boolean,
  done: Done,
): StoredMessage[] | undefined {
  const messages = sequenceNumbers.flatMap((sequenceNumber) => queue.messages.get(sequenceNumber) ?? [])
  const isAvailable = messages.every(({ state, lock, isSettling }) => state === "deferred" && !lock && !isSettling)
  if (messages.length < sequenceNumbers.length || !isAvailable) return undefined
  for (const message of messages) {
    const { sequenceNumber } = message
    if (!isReceiveAndDelete) lockMessage(queue, message)
    else {
      queue.messages.delete(sequenceNumber)
      queue.journal.append({ t: "delete", q: queue.name, s: sequenceNumber }, undefined, (error) => {
        if (error) queue.messages.set(sequenceNumber, message)
      })
    }
  }
  queue.wake()
  queue.journal.barrier(done)
  return messages
}
