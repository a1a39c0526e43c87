import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import { ServiceBusClient, type ServiceBusClientOptions, type ServiceBusReceivedMessage } from "@azure/service-bus"
import { onTestFinished } from "vitest"
import { type Broker, startBroker } from "../../../local/service-bus/broker.ts"
import type { QueueConfig, ServiceBusConfig } from "../../../local/service-bus/config.ts"

export const KEY = { name: "root", key: "c2VjcmV0IGtleSBvZiB0aGUgdGVzdA==" }
export const QUEUE = "work"

/** A broker in this process with one queue, and the real SDK connected to it; both end with the test. */
export async function startTestBroker(queue: Partial<QueueConfig> = {}, rest: Partial<ServiceBusConfig> = {}) {
  const config = await testConfig(queue, rest)
  const events: { event: string; [field: string]: unknown }[] = []
  const run = (port: number) => startBroker({ ...config, port }, (event, fields) => events.push({ ...fields, event }))
  let broker: Broker = await run(0)
  onTestFinished(() => broker.close())
  return {
    config,
    events,
    port: broker.port,
    client: connectClient(broker.port),
    /** Stops the broker and starts it again on the same port and journal. */
    async restart() {
      await broker.close()
      broker = await run(broker.port)
    },
  }
}

export async function testConfig(queue: Partial<QueueConfig> = {}, rest: Partial<ServiceBusConfig> = {}) {
  const dataFolder = await mkdtemp(path.join(tmpdir(), "slipway-service-bus-"))
  onTestFinished(() => rm(dataFolder, { recursive: true, force: true }))
  return { port: 0, dataFolder, key: KEY, queues: [{ name: QUEUE, ...queue }], ...rest } satisfies ServiceBusConfig
}

/** The unmodified client; it closes with the test. */
export function connectClient(port: number, key = KEY, options: ServiceBusClientOptions = {}) {
  const endpoint = `Endpoint=sb://127.0.0.1:${port};SharedAccessKeyName=${key.name};SharedAccessKey=${key.key}`
  const client = new ServiceBusClient(`${endpoint};UseDevelopmentEmulator=true`, {
    ...options,
    retryOptions: { maxRetries: 1, retryDelayInMs: 200, timeoutInMs: 3_000, ...options.retryOptions },
  })
  onTestFinished(() => client.close())
  return client
}

export type Client = ReturnType<typeof connectClient>

/** Receives exactly `count` messages, however many calls it takes. */
export async function receive(
  receiver: ReturnType<Client["createReceiver"]>,
  count = 1,
  maxWaitTimeInMs = 5_000,
): Promise<ServiceBusReceivedMessage[]> {
  const messages: ServiceBusReceivedMessage[] = []
  while (messages.length < count) {
    const more = await receiver.receiveMessages(count - messages.length, { maxWaitTimeInMs })
    if (more.length === 0) throw new Error(`${messages.length} of ${count} messages came within ${maxWaitTimeInMs} ms`)
    messages.push(...more)
  }
  return messages
}

/** The next message. */
export async function receiveOne(receiver: ReturnType<Client["createReceiver"]>): Promise<ServiceBusReceivedMessage> {
  const [message] = await receive(receiver)
  if (message === undefined) throw new Error("no message came")
  return message
}

/** What comes within a short while when nothing should. */
export function receiveNothing(receiver: ReturnType<Client["createReceiver"]>, maxWaitTimeInMs = 150) {
  return receiver.receiveMessages(1, { maxWaitTimeInMs })
}

export function bodies(messages: { body: unknown }[]): unknown[] {
  return messages.map(({ body }) => body)
}
