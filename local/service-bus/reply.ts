import { amqp, type Connection } from "./amqp.ts"

export type Request = {
  message_id?: unknown
  reply_to?: string
  application_properties?: Record<string, unknown>
  body?: unknown
}

/** Reads a request of `$cbs` or `$management`. */
export function readRequest(bytes: Buffer): Request {
  return amqp.message.decode(bytes)
}

/** Answers a request: the answer goes to the link whose name or target equals `reply_to`. */
export function reply(
  connection: Connection,
  request: Request,
  properties: Record<string, unknown>,
  body?: unknown,
): void {
  const { reply_to: address } = request
  const link = connection.find_sender(({ name, target }) => name === address || target?.address === address)
  link?.send({ correlation_id: request.message_id, application_properties: properties, body })
}
