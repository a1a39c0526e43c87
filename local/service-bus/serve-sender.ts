import type { AmqpEvent, Receiver } from "./amqp.ts"
import { enqueueMessages } from "./enqueue-messages.ts"
import { readBatch, readMessage } from "./message-codec.ts"
import type { QueueState } from "./queue-state.ts"

/** Message format of a batch: one envelope with many encoded messages (pitfall 7). */
const BATCH = 0x80013700

/** Takes messages from a client's sender. Each is accepted once it is on the disk. */
export function serveSender(receiver: Receiver, queue: QueueState, maxMessageBytes: number): void {
  receiver.on("message", ({ delivery, message, format }: AmqpEvent) => {
    if (message.length > maxMessageBytes) {
      const description = `The message is ${message.length} bytes long, more than the ${maxMessageBytes} that are allowed.`
      return delivery.reject({ condition: "amqp:link:message-size-exceeded", description })
    }
    try {
      const incoming = format === BATCH ? readBatch(message) : [readMessage(message)]
      enqueueMessages(queue, incoming, (error) => {
        if (!receiver.is_open()) return
        if (error) delivery.reject({ condition: "com.microsoft:server-busy", description: error.message })
        else delivery.accept()
      })
    } catch (error) {
      delivery.reject({ condition: "amqp:decode-error", description: String(error) })
    }
  })
}
