import type { ServiceBusQueueHandler } from "@azure/functions"
import type { z } from "zod"
import { app } from "../../shared/app.ts"
import { isAppError } from "../../shared/errors.ts"
import { problemsOf } from "../../shared/problems-of.ts"

type QueueOperation<Message> = {
  handle(message: Message): Promise<string>
  sendAgain(message: Message, delaySeconds: number): Promise<void>
}

const MAX_DELAY_SECONDS = 10
/** After this many copies the sweep takes over: it sends every stored run again that nothing has started. */
const MAX_RETRIES = 20

/**
 * Completes or repeats a message, decided in this one place. A retryable error sends a copy with back-off and completes the
 * message: abandoning would redeliver at once and burn all deliveries within a short outage (contracts, "Messages").
 * Everything else is logged and completed; only an error of the queue itself abandons.
 */
export function queueOperation<Schema extends z.ZodType<{ retry: number }>>(
  name: string,
  schema: Schema,
  operation: QueueOperation<z.infer<Schema>>,
): ServiceBusQueueHandler {
  return async (body) => {
    const startedAt = performance.now()
    const { log } = app()
    const parsed = schema.safeParse(body)
    if (!parsed.success) {
      log.error("message", { op: name, outcome: "dropped", problems: problemsOf(parsed.error) })
      return
    }
    const message = parsed.data
    const fields = () => ({ op: name, ...message, durationMs: Math.round(performance.now() - startedAt) })
    try {
      log.info("message", { ...fields(), outcome: await operation.handle(message) })
    } catch (error) {
      if (!isAppError(error) || !error.isRetryable || message.retry >= MAX_RETRIES) {
        log.error("message", { ...fields(), outcome: "dropped", error })
        return
      }
      const delaySeconds = Math.min(2 ** message.retry, MAX_DELAY_SECONDS)
      log.warn("message", { ...fields(), outcome: "again", delaySeconds, error })
      await operation.sendAgain(message, delaySeconds)
    }
  }
}
