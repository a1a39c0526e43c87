import type { Done } from "./journal.ts"
import { unlockMessage } from "./lock-message.ts"
import { changeProperties } from "./message-codec.ts"
import type { QueueState, StoredMessage } from "./queue-state.ts"
import { storeMessage } from "./store-message.ts"

type Reason = { reason?: string | undefined; description?: string | undefined; changes?: Record<string, unknown> }

/** Moves a message to the dead-letter queue. Its sequence number stays. */
export function deadLetterMessage(queue: QueueState, message: StoredMessage, why: Reason, done?: Done): void {
  const { deadLetters } = queue
  if (deadLetters === undefined) throw new Error("a message of a dead-letter queue cannot be dead-lettered again")
  queue.ready.remove(message)
  unlockMessage(queue, message)
  message.isSettling = true
  const content = changeProperties(message.content, {
    ...why.changes,
    ...(why.reason === undefined ? {} : { DeadLetterReason: why.reason }),
    ...(why.description === undefined ? {} : { DeadLetterErrorDescription: why.description }),
  })
  const moved: StoredMessage = {
    ...message,
    content,
    state: "active",
    expiresAt: undefined,
    deadLetterSource: queue.name,
  }
  const record = {
    t: "dead",
    q: queue.name,
    s: message.sequenceNumber,
    to: deadLetters.name,
    deliveries: message.deliveryCount,
    bareStart: content.bareStart,
  } as const
  queue.journal.append(record, content.bytes, (error) => {
    if (error) storeMessage(queue, message)
    else {
      queue.messages.delete(message.sequenceNumber)
      storeMessage(deadLetters, moved)
      deadLetters.wake()
    }
    done?.(error)
  })
}

/** A locked message lives on until its lock ends. In a dead-letter queue nothing expires. */
export function isExpired({ now }: QueueState, { expiresAt, lock, isSettling, state }: StoredMessage): boolean {
  return expiresAt !== undefined && !lock && !isSettling && state !== "scheduled" && expiresAt <= now()
}

export function deadLetterExpired(queue: QueueState, message: StoredMessage): void {
  const description = "The message expired and was dead lettered."
  deadLetterMessage(queue, message, { reason: "TTLExpiredException", description })
}

export function deadLetterExhausted(queue: QueueState, message: StoredMessage): void {
  const description = `Message could not be consumed after ${queue.maxDeliveryCount} delivery attempts.`
  deadLetterMessage(queue, message, { reason: "MaxDeliveryCountExceeded", description })
}
