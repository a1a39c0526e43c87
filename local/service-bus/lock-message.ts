import { newLockToken } from "./lock-token.ts"
import type { QueueState, StoredMessage } from "./queue-state.ts"

/** Locks a message for one receiver. From here on the delivery counts, should the broker die before it is settled. */
export function lockMessage(queue: QueueState, message: StoredMessage): void {
  const token = newLockToken()
  message.lock = { token, until: queue.now() + queue.lockDurationMs }
  queue.locked.set(token.toString("hex"), message)
  queue.journal.append({
    t: "try",
    q: queue.name,
    s: message.sequenceNumber,
    deliveries: message.deliveryCount + 1,
  })
}

/** The message that this lock holds, unless the lock is lost. */
export function findLocked(queue: QueueState, token: Buffer): StoredMessage | undefined {
  const message = queue.locked.get(token.toString("hex"))
  return message?.lock && message.lock.until > queue.now() ? message : undefined
}

/** Takes the lock off; the caller decides what becomes of the message. */
export function unlockMessage(queue: QueueState, message: StoredMessage): void {
  if (message.lock) queue.locked.delete(message.lock.token.toString("hex"))
  message.lock = undefined
}

/** @returns until when the lock holds now (ms), or nothing where it is lost */
export function renewLock(queue: QueueState, token: Buffer): number | undefined {
  const message = findLocked(queue, token)
  if (message?.lock === undefined) return undefined
  message.lock.until = queue.now() + queue.lockDurationMs
  // To the end: the map's order is the order of the deadlines.
  const key = token.toString("hex")
  queue.locked.delete(key)
  queue.locked.set(key, message)
  return message.lock.until
}
