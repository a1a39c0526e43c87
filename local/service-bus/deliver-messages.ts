import { deadLetterExpired, isExpired } from "./dead-letter-message.ts"
import { lockMessage } from "./lock-message.ts"
import type { Consumer, QueueState, StoredMessage } from "./queue-state.ts"
import { storeMessage } from "./store-message.ts"

/** Hands ready messages to waiting receivers, one each in turn, oldest message first. */
export function deliverMessages(queue: QueueState): void {
  for (let message = queue.ready.first(); message !== undefined; message = queue.ready.first()) {
    if (isExpired(queue, message)) {
      deadLetterExpired(queue, message)
      continue
    }
    const consumer = nextConsumer(queue)
    if (consumer === undefined) return
    queue.ready.remove(message)
    consumer.reserve()
    if (consumer.isReceiveAndDelete) deleteThenDeliver(queue, message, consumer)
    else {
      lockMessage(queue, message)
      consumer.deliver(message)
    }
  }
}

function nextConsumer({ consumers }: QueueState): Consumer | undefined {
  const index = consumers.findIndex((consumer) => consumer.capacity() > 0)
  if (index === -1) return undefined
  // Whoever is served goes to the end.
  const [consumer] = consumers.splice(index, 1)
  if (consumer) consumers.push(consumer)
  return consumer
}

/** Receive-and-delete is at most once: the message is gone from the disk before it leaves. */
function deleteThenDeliver(queue: QueueState, message: StoredMessage, consumer: Consumer): void {
  queue.messages.delete(message.sequenceNumber)
  queue.journal.append({ t: "delete", q: queue.name, s: message.sequenceNumber }, undefined, (error) => {
    if (error === undefined && consumer.deliver(message)) return
    // Nobody got it: it was not deleted after all.
    storeMessage(queue, message)
    queue.wake()
  })
}
