import type { ServiceBusSender } from "@azure/service-bus"
import { AppError } from "../errors.ts"
import { type RunQueue, runMessageId } from "../runs/run-message.ts"

export type RunQueueConfig = {
  queue: string
  connectionString: string | undefined
  fullyQualifiedNamespace: string | undefined
  identityClientId: string | undefined
}

/** {@link RunQueue} on Service Bus. The library loads with the first message, so that a cold start does not wait for it. */
export function createRunQueue(config: RunQueueConfig): RunQueue & { warmUp(): Promise<void> } {
  let opening: Promise<ServiceBusSender> | undefined
  const open = () => {
    opening ??= connect(config)
    return opening
  }
  return {
    async send(message, delaySeconds) {
      const body = {
        body: message,
        contentType: "application/json",
        messageId: runMessageId(message),
        ...(delaySeconds === undefined ? {} : { scheduledEnqueueTimeUtc: new Date(Date.now() + delaySeconds * 1_000) }),
      }
      try {
        await (await open()).sendMessages(body)
      } catch (error) {
        throw new AppError("StorageUnavailable", "The queue does not answer; try again in a moment.", {
          isRetryable: true,
          cause: error,
        })
      }
    },
    async warmUp() {
      await (await open()).createMessageBatch()
    },
  }
}

async function connect(config: RunQueueConfig): Promise<ServiceBusSender> {
  const { openServiceBus } = await import("./open-service-bus.ts")
  return openServiceBus(config).createSender(config.queue)
}
