import { z } from "zod"

/**
 * What the runs queue carries: ids only, the table holds the truth (contracts, "Messages"). `retry` counts the copies sent
 * with back-off after retryable errors; it is part of the message id, or duplicate detection would swallow the copy.
 */
export const RunMessage = z.object({
  v: z.literal(1),
  registry: z.string(),
  runId: z.string(),
  attempt: z.number().int().min(1),
  retry: z.number().int().min(0).default(0),
})
export type RunMessage = z.infer<typeof RunMessage>

/** `runId.attempt`, and `.r<retry>` for a copy. */
export function runMessageId(message: RunMessage): string {
  return message.retry === 0
    ? `${message.runId}.${message.attempt}`
    : `${message.runId}.${message.attempt}.r${message.retry}`
}

/** The queue as use cases see it. `delaySeconds` schedules the message. Errors: `StorageUnavailable`, retryable. */
export type RunQueue = { send(message: RunMessage, delaySeconds?: number): Promise<void> }
