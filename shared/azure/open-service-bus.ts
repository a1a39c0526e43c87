import { ServiceBusClient } from "@azure/service-bus"
import { managedIdentity } from "./managed-identity.ts"
import type { RunQueueConfig } from "./run-queue.ts"

/** The SDK's own 30 s between tries would hold a request that long (service-bus, pitfall 10). */
const RETRY = { maxRetries: 2, retryDelayInMs: 300, timeoutInMs: 5_000 }

/** A client by connection string (local stack) or managed identity (Azure). Errors: when the settings name neither. */
export function openServiceBus(config: RunQueueConfig): ServiceBusClient {
  const options = { retryOptions: RETRY }
  if (config.connectionString !== undefined) return new ServiceBusClient(config.connectionString, options)
  if (config.fullyQualifiedNamespace === undefined) {
    throw new Error("Set SlipwayServiceBus (connection string) or SlipwayServiceBus__fullyQualifiedNamespace.")
  }
  return new ServiceBusClient(config.fullyQualifiedNamespace, managedIdentity(config.identityClientId), options)
}
