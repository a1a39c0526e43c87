import { deadLetterExpired, isExpired } from "./dead-letter-message.ts"
import type { QueueState, StoredMessage } from "./queue-state.ts"
import { abandonMessage } from "./settle-message.ts"
import { storeMessage } from "./store-message.ts"

/** Does what is due: gives back messages whose lock ran out, enqueues scheduled ones, dead-letters expired ones. */
export function runDeadlines(queue: QueueState): void {
  for (const message of queue.locked.values()) {
    if (message.lock && message.lock.until > queue.now()) break
    abandonMessage(queue, message)
  }
  for (let next = queue.deadlines.first(); next && next.at <= queue.now(); next = queue.deadlines.first()) {
    queue.deadlines.take()
    const message = queue.messages.get(next.sequenceNumber)
    if (message?.state === "scheduled") enqueueScheduled(queue, message)
    // A message that is locked or being settled is looked at again when that is over.
    else if (message && isExpired(queue, message)) deadLetterExpired(queue, message)
  }
}

/** A scheduled message becomes active as if it had just arrived, which includes a new sequence number. */
function enqueueScheduled(queue: QueueState, message: StoredMessage): void {
  const { sequenceNumber } = message
  queue.messages.delete(sequenceNumber)
  const next = queue.nextSequenceNumber++
  const at = queue.now()
  queue.journal.append({ t: "due", q: queue.name, s: sequenceNumber, next, at })
  storeMessage(queue, { ...message, sequenceNumber: next, state: "active", enqueuedAt: at })
}
