import { type RetryOptions, ServiceBusClient } from "@azure/service-bus"

/**
 * A client of the broker. A module of its own, so that the library can be loaded late in a bundle as well: a split bundle
 * gives a dynamically imported CommonJS package no named exports.
 */
export function openClient(connectionString: string, retryOptions: RetryOptions): ServiceBusClient {
  return new ServiceBusClient(connectionString, { retryOptions })
}
