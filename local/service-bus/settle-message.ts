import { deadLetterExhausted } from "./dead-letter-message.ts"
import type { Done } from "./journal.ts"
import { unlockMessage } from "./lock-message.ts"
import { changeProperties } from "./message-codec.ts"
import type { QueueState, StoredMessage } from "./queue-state.ts"
import { storeMessage } from "./store-message.ts"

type Changes = Record<string, unknown> | undefined

/** The work is done: the message goes. `done` is called once that is on the disk. */
export function completeMessage(queue: QueueState, message: StoredMessage, done: Done): void {
  unlockMessage(queue, message)
  message.isSettling = true
  queue.journal.append({ t: "delete", q: queue.name, s: message.sequenceNumber }, undefined, (error) => {
    if (error) makeAvailable(queue, message)
    else queue.messages.delete(message.sequenceNumber)
    done(error)
  })
}

/** The receiver gives it back, or its lock ran out: that was a failed delivery. After too many, it is dead-lettered. */
export function abandonMessage(queue: QueueState, message: StoredMessage, changes?: Changes): void {
  unlockMessage(queue, message)
  message.deliveryCount += 1
  applyChanges(queue, message, changes)
  if (message.deliveryCount >= queue.maxDeliveryCount) deadLetterExhausted(queue, message)
  else makeAvailable(queue, message)
}

/** The receiver gives it back untried: nothing counts. */
export function releaseMessage(queue: QueueState, message: StoredMessage): void {
  unlockMessage(queue, message)
  const { sequenceNumber, deliveryCount } = message
  queue.journal.append({ t: "try", q: queue.name, s: sequenceNumber, deliveries: deliveryCount })
  makeAvailable(queue, message)
}

/** Puts it aside until it is asked for by its sequence number. */
export function deferMessage(queue: QueueState, message: StoredMessage, changes: Changes, done: Done): void {
  unlockMessage(queue, message)
  message.isSettling = true
  applyChanges(queue, message, changes)
  const { sequenceNumber, deliveryCount } = message
  queue.journal.append(
    { t: "defer", q: queue.name, s: sequenceNumber, deliveries: deliveryCount },
    undefined,
    (error) => {
      if (error === undefined) message.state = "deferred"
      makeAvailable(queue, message)
      done(error)
    },
  )
}

/** A deferred message stays deferred; every other one waits for the next receiver. */
function makeAvailable(queue: QueueState, message: StoredMessage): void {
  storeMessage(queue, message)
  queue.wake()
}

function applyChanges(queue: QueueState, message: StoredMessage, changes: Changes): void {
  if (changes === undefined || Object.keys(changes).length === 0) return
  message.content = changeProperties(message.content, changes)
  const { bytes, bareStart } = message.content
  queue.journal.append({ t: "edit", q: queue.name, s: message.sequenceNumber, bareStart }, bytes)
}
