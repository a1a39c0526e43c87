import { z } from "zod"
import { type AmqpEvent, amqp } from "./amqp.ts"
import { deadLetterMessage } from "./dead-letter-message.ts"
import { cancelScheduled, enqueueMessages } from "./enqueue-messages.ts"
import { peekMessages, receiveDeferred } from "./find-messages.ts"
import { findLocked, renewLock } from "./lock-message.ts"
import { readMessage } from "./message-codec.ts"
import type { QueueState, StoredMessage } from "./queue-state.ts"
import { renderMessage } from "./render-message.ts"
import { readRequest, reply } from "./reply.ts"
import { abandonMessage, completeMessage, deferMessage } from "./settle-message.ts"

type Answer = { status: number; description: string; condition?: string; body?: unknown }
type Operation = (queue: QueueState, body: unknown, answer: (answer: Answer) => void) => void

const { types } = amqp
const LONG = 0x81
const TIMESTAMP = 0x83
const OK = { status: 200, description: "OK" }
const LOCK_LOST: Answer = {
  status: 410,
  description:
    "The lock supplied is invalid. Either the lock expired, or the message has already been removed from the queue.",
  condition: "com.microsoft:message-lock-lost",
}
const NOT_FOUND: Answer = {
  status: 404,
  description: "Failed to lock or find one or more specified messages. The message does not exist.",
  condition: "com.microsoft:message-not-found",
}
const sequenceNumbers = z.array(z.number().int())
const lockTokens = z.array(z.instanceof(Buffer)).min(1)

/** https://learn.microsoft.com/azure/service-bus-messaging/service-bus-amqp-request-response */
const OPERATIONS: Record<string, Operation> = {
  "com.microsoft:renew-lock"(queue, body, answer) {
    const tokens = z.object({ "lock-tokens": lockTokens }).parse(body)["lock-tokens"]
    const expirations = tokens.flatMap((token) => renewLock(queue, token) ?? [])
    if (expirations.length < tokens.length) return answer(LOCK_LOST)
    answer({ ...OK, body: { expirations: types.wrap_array(expirations, TIMESTAMP) } })
  },

  "com.microsoft:peek-message"(queue, body, answer) {
    const schema = z.object({ "from-sequence-number": z.number(), "message-count": z.number().int().positive() })
    const { "from-sequence-number": from, "message-count": count } = schema.parse(body)
    const messages = peekMessages(queue, from, count)
    if (messages.length === 0) return answer({ status: 204, description: "No messages" })
    answer({ ...OK, body: { messages: messages.map((message) => ({ message: renderMessage(message) })) } })
  },

  "com.microsoft:schedule-message"(queue, body, answer) {
    const schema = z.object({ messages: z.array(z.object({ message: z.instanceof(Buffer) })) })
    const incoming = schema.parse(body).messages.map(({ message }) => readMessage(message))
    const numbers = enqueueMessages(queue, incoming, (error) =>
      answer(error ? notStored(error) : { ...OK, body: { "sequence-numbers": types.wrap_array(numbers, LONG) } }),
    )
  },

  "com.microsoft:cancel-scheduled-message"(queue, body, answer) {
    const numbers = z.object({ "sequence-numbers": sequenceNumbers }).parse(body)["sequence-numbers"]
    const isFound = cancelScheduled(queue, numbers, (error) => answer(error ? notStored(error) : OK))
    if (!isFound) answer(NOT_FOUND)
  },

  "com.microsoft:receive-by-sequence-number"(queue, body, answer) {
    const schema = z.object({ "sequence-numbers": sequenceNumbers, "receiver-settle-mode": z.number() })
    const { "sequence-numbers": numbers, "receiver-settle-mode": mode } = schema.parse(body)
    const messages = receiveDeferred(queue, numbers, mode === 0, (error) =>
      answer(error ? notStored(error) : { ...OK, body: { messages: messages?.map(withLockToken) } }),
    )
    if (messages === undefined) answer(NOT_FOUND)
  },

  "com.microsoft:update-disposition"(queue, body, answer) {
    const schema = z.object({
      "lock-tokens": lockTokens,
      "disposition-status": z.enum(["completed", "abandoned", "defered", "suspended"]),
      "deadletter-reason": z.string().optional(),
      "deadletter-description": z.string().optional(),
      "properties-to-modify": z.record(z.string(), z.unknown()).optional(),
    })
    const parsed = schema.parse(body)
    const messages = parsed["lock-tokens"].flatMap((token) => findLocked(queue, token) ?? [])
    if (messages.length < parsed["lock-tokens"].length) return answer(LOCK_LOST)
    const changes = parsed["properties-to-modify"] ?? {}
    const reason = parsed["deadletter-reason"]
    const description = parsed["deadletter-description"]
    let left = messages.length
    const done = (error?: Error) => {
      left -= 1
      if (error) answer(notStored(error))
      else if (left === 0) answer(OK)
    }
    for (const message of messages) {
      const status = parsed["disposition-status"]
      if (status === "completed") completeMessage(queue, message, done)
      else if (status === "defered") deferMessage(queue, message, changes, done)
      else if (status === "suspended") deadLetterMessage(queue, message, { reason, description, changes }, done)
      else {
        abandonMessage(queue, message, changes)
        done()
      }
    }
  },
}

/** Serves a queue's `$management` node: one request. */
export function onManagementRequest(
  queue: QueueState,
  { connection, message, delivery }: Pick<AmqpEvent, "connection" | "message" | "delivery">,
) {
  const request = readRequest(message)
  delivery.accept()
  const answer = ({ status, description, condition, body }: Answer) => {
    const properties = { statusCode: types.wrap_int(status), statusDescription: description }
    reply(
      connection,
      request,
      condition === undefined ? properties : { ...properties, errorCondition: condition },
      body,
    )
  }
  const name = String(request.application_properties?.operation)
  const operation = OPERATIONS[name]
  if (operation === undefined) {
    return answer({ status: 501, description: `${name} is not offered here.`, condition: "amqp:not-implemented" })
  }
  try {
    operation(queue, request.body, answer)
  } catch (error) {
    answer({ status: 400, description: String(error), condition: "com.microsoft:argument-error" })
  }
}

function withLockToken(message: StoredMessage): Record<string, unknown> {
  const token = message.lock?.token
  return { message: renderMessage(message), ...(token === undefined ? {} : { "lock-token": types.wrap_uuid(token) }) }
}

function notStored(error: Error): Answer {
  return { status: 503, description: error.message, condition: "com.microsoft:server-busy" }
}
