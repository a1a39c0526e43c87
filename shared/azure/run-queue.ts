import type { ServiceBusClient, ServiceBusSender } from "@azure/service-bus"
import { AppError } from "../errors.ts"
import { type RunQueue, runMessageId } from "../runs/run-message.ts"

export type RunQueueConfig = {
  queue: string
  connectionString: string | undefined
  fullyQualifiedNamespace: string | undefined
  identityClientId: string | undefined
}

/** The SDK's own 30 s between tries would hold a request that long (service-bus, pitfall 10). */
const RETRY = { maxRetries: 2, retryDelayInMs: 300, timeoutInMs: 5_000 }

/** {@link RunQueue} on Service Bus. The library loads with the first message, so that a cold start does not wait for it. */
export function createRunQueue(config: RunQueueConfig): RunQueue & { warmUp(): Promise<void> } {
  let opening: Promise<{ client: ServiceBusClient; sender: ServiceBusSender }> | undefined
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
        await (await open()).sender.sendMessages(body)
      } catch (error) {
        throw new AppError("StorageUnavailable", "The queue does not answer; try again in a moment.", {
          isRetryable: true,
          cause: error,
        })
      }
    },
    async warmUp() {
      await (await open()).sender.createMessageBatch()
    },
  }
}

async function connect(config: RunQueueConfig): Promise<{ client: ServiceBusClient; sender: ServiceBusSender }> {
  const { ServiceBusClient } = await import("@azure/service-bus")
  const options = { retryOptions: RETRY }
  let client: ServiceBusClient
  if (config.connectionString !== undefined) client = new ServiceBusClient(config.connectionString, options)
  else if (config.fullyQualifiedNamespace !== undefined) {
    const { ManagedIdentityCredential } = await import("@azure/identity")
    const { identityClientId: clientId } = config
    const credential =
      clientId === undefined ? new ManagedIdentityCredential() : new ManagedIdentityCredential({ clientId })
    client = new ServiceBusClient(config.fullyQualifiedNamespace, credential, options)
  } else throw new Error("Set SlipwayServiceBus (connection string) or SlipwayServiceBus__fullyQualifiedNamespace.")
  return { client, sender: client.createSender(config.queue) }
}
