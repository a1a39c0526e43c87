import { type AmqpError, type AmqpEvent, amqp, type Delivery, type Sender } from "./amqp.ts"
import { deadLetterMessage } from "./dead-letter-message.ts"
import type { Done } from "./journal.ts"
import { findLocked } from "./lock-message.ts"
import { newLockToken, swapLockToken } from "./lock-token.ts"
import type { Consumer, QueueState, StoredMessage } from "./queue-state.ts"
import { renderMessage } from "./render-message.ts"
import { abandonMessage, completeMessage, deferMessage, releaseMessage } from "./settle-message.ts"

const SETTLED_ON_SEND = 1
const LOCK_LOST: AmqpError = {
  condition: "com.microsoft:message-lock-lost",
  description:
    "The lock supplied is invalid. Either the lock expired, or the message has already been removed from the queue.",
}

/**
 * Hands a queue's messages to a client's receiver and settles what it settles.
 *
 * @returns what to call once the link is gone. Its locks stay until they run out, as in Azure: the client may settle them
 * through `$management` after it has reconnected.
 */
export function serveReceiver(sender: Sender, queue: QueueState): () => void {
  const isReceiveAndDelete = sender.remote.attach.snd_settle_mode === SETTLED_ON_SEND
  const { session } = sender
  // Deliveries that used up credit, counted by ourselves: rhea's own credit falls only when it writes to the socket.
  let used = 0
  let reserved = 0
  let isAttached = false
  let isDraining = false
  let mustAnswerDrain = false
  const granted = () => sender.credit + sender.delivery_count

  const consumer: Consumer = {
    isReceiveAndDelete,
    capacity() {
      if (!isAttached || !sender.is_open()) return 0
      return Math.min(granted() - used, session.outgoing.available() - reserved)
    },
    reserve() {
      used += 1
      reserved += 1
    },
    deliver(message) {
      reserved -= 1
      if (!sender.is_open()) return false
      sender.send(renderMessage(message), message.lock ? swapLockToken(message.lock.token) : newLockToken(), 0)
      answerDrain()
      return true
    },
  }

  // A client that asked to drain closes the link unless it is answered, which rhea does not do when no credit is left.
  const answerDrain = () => {
    if (!isDraining || !isAttached || reserved > 0) return
    isDraining = false
    mustAnswerDrain = true
    used = granted()
    sender.set_drained(true)
    sender.connection._register()
  }
  sender._get_drain = () => {
    if (!mustAnswerDrain) return false
    mustAnswerDrain = false
    sender.delivery_count += sender.credit
    sender.credit = 0
    return true
  }

  sender.on("sender_flow", () => {
    // Carries the TCP acknowledgement back at once; without it the client's next small write waits 40 ms (Nagle).
    if (isAttached) session._write_flow()
    queue.wake()
  })
  sender.on("sendable", () => queue.wake())
  sender.on("sender_draining", () => {
    isDraining = true
    answerDrain()
  })

  const settle = (act: (message: StoredMessage, state: Delivery["remote_state"], done: Done) => void) => {
    return ({ delivery }: AmqpEvent) => {
      const message = findLocked(queue, swapLockToken(delivery.tag))
      if (message === undefined) finish(delivery, LOCK_LOST)
      else act(message, delivery.remote_state, (error) => finish(delivery, error && notStored(error)))
    }
  }
  const finish = (delivery: Delivery, error?: AmqpError) => {
    if (!sender.is_open()) return
    delivery.update(true, error ? amqp.message.rejected({ error }).described() : amqp.message.accepted().described())
    // The client says nothing more about it; rhea would keep the delivery for ever.
    delivery.remote_settled = true
  }
  sender.on(
    "accepted",
    settle((message, _, done) => completeMessage(queue, message, done)),
  )
  sender.on(
    "modified",
    settle((message, state, done) => {
      const changes = state?.message_annotations ?? {}
      if (state?.undeliverable_here) return deferMessage(queue, message, changes, done)
      abandonMessage(queue, message, changes)
      done()
    }),
  )
  sender.on(
    "released",
    settle((message, _, done) => {
      releaseMessage(queue, message)
      done()
    }),
  )
  sender.on(
    "rejected",
    settle((message, state, done) => {
      if (queue.deadLetters === undefined)
        return done(new Error("a dead-lettered message cannot be dead-lettered again"))
      const { DeadLetterReason, DeadLetterErrorDescription, ...changes } = state?.error?.info ?? {}
      const why = { reason: textOf(DeadLetterReason), description: textOf(DeadLetterErrorDescription), changes }
      deadLetterMessage(queue, message, why, done)
    }),
  )

  queue.consumers.push(consumer)
  // A client may grant credit together with its attach, and rhea writes messages before the attach that answers it.
  setImmediate(() => {
    isAttached = true
    queue.wake()
    answerDrain()
  })
  return () => {
    queue.consumers = queue.consumers.filter((other) => other !== consumer)
  }
}

function textOf(value: unknown): string | undefined {
  return value === undefined || value === null ? undefined : String(value)
}

function notStored(error: Error): AmqpError {
  return { condition: "com.microsoft:server-busy", description: error.message }
}
