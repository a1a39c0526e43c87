import type { ServiceBusReceivedMessage } from "@azure/service-bus"
import type { TypedData } from "../app/core-types.ts"

/** The message's body as the host hands it over: text, which the library parses when it looks like JSON, or bytes. */
export function bodyOf(message: ServiceBusReceivedMessage, isBinary: boolean): TypedData {
  const body: unknown = message.body
  if (isBinary) return { bytes: Buffer.isBuffer(body) ? body : Buffer.from(textOf(body)) }
  return { string: textOf(body) }
}

/**
 * Binding data of a message, with the host's names. Text goes as `string`, which the library parses when it looks like JSON (a
 * messageId `123` becomes a number, in Azure too); it also makes the first letter of each name a small one.
 */
export function metadataOf(message: ServiceBusReceivedMessage): Record<string, TypedData> {
  const values: Record<string, unknown> = {
    MessageId: message.messageId,
    // The JS client counts failed deliveries, the host deliveries: the first is 0 there and 1 here.
    DeliveryCount: (message.deliveryCount ?? 0) + 1,
    SequenceNumber: message.sequenceNumber?.toNumber(),
    EnqueuedSequenceNumber: message.enqueuedSequenceNumber,
    EnqueuedTimeUtc: message.enqueuedTimeUtc,
    ExpiresAtUtc: message.expiresAtUtc,
    LockedUntilUtc: message.lockedUntilUtc,
    LockToken: message.lockToken,
    ContentType: message.contentType,
    CorrelationId: message.correlationId,
    Subject: message.subject,
    Label: message.subject,
    To: message.to,
    ReplyTo: message.replyTo,
    ReplyToSessionId: message.replyToSessionId,
    SessionId: message.sessionId,
    PartitionKey: message.partitionKey,
    DeadLetterSource: message.deadLetterSource,
    DeadLetterReason: message.deadLetterReason,
    DeadLetterErrorDescription: message.deadLetterErrorDescription,
    ApplicationProperties: message.applicationProperties ?? {},
    UserProperties: message.applicationProperties ?? {},
  }
  const metadata: Record<string, TypedData> = {}
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined || value === null) continue
    metadata[name] = typeof value === "string" ? { string: value } : { json: JSON.stringify(value) }
  }
  return metadata
}

function textOf(body: unknown): string {
  if (Buffer.isBuffer(body)) return body.toString("utf8")
  return typeof body === "string" ? body : JSON.stringify(body ?? null)
}
