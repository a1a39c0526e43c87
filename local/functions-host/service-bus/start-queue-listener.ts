import type { MessageHandlers, RetryMode, ServiceBusReceivedMessage } from "@azure/service-bus"
import type { Invoke } from "../app/invoke-function.ts"
import { withinTime } from "../app/within-time.ts"
import { createRequestGate } from "../http/request-gate.ts"
import { writeLog } from "../write-log.ts"
import { bodyOf, metadataOf } from "./message-data.ts"
import type { QueueTrigger } from "./queue-trigger.ts"

/** The client does not publish it: called each time the link stands, at first and after a loss. */
type Handlers = MessageHandlers & { postInitialize(): Promise<void> }
const closeTimeoutMs = 2_000

export type QueueListener = {
  /** No further message starts; those that run can still be settled. */
  stop(): Promise<void>
  close(): Promise<void>
}

/**
 * Receives a queue's messages, one invocation each: completed on return, abandoned on throw, the lock renewed meanwhile. A
 * broker that is away is asked again and again; one line says so, and one that it is back.
 */
export async function startQueueListener(
  deps: { invoke: Invoke; retry: { retryDelayInMs: number; maxRetries: number; timeoutInMs: number } },
  trigger: QueueTrigger,
): Promise<QueueListener> {
  // Loaded here and not above: the client takes longer to load than the rest of the host to start.
  const { ServiceBusClient } = await import("@azure/service-bus")
  const fixed = 1 satisfies RetryMode.Fixed
  const client = new ServiceBusClient(trigger.connectionString, { retryOptions: { ...deps.retry, mode: fixed } })
  const receiver = client.createReceiver(trigger.queueName, {
    receiveMode: "peekLock",
    maxAutoLockRenewalDurationInMs: trigger.maxAutoLockRenewalMs,
    skipParsingBodyAsJson: true,
  })
  const state = createStateLog({ function: trigger.fn.name, queue: trigger.queueName })
  const gate = createRequestGate({ maxConcurrentRequests: trigger.maxConcurrentCalls, maxOutstandingRequests: -1 })

  const handlers: Handlers = {
    async postInitialize() {
      state.set("connected")
    },
    async processMessage(message) {
      const leave = await gate.enter()
      try {
        await deps.invoke(trigger.fn, invocationOf(trigger, message))
      } finally {
        leave?.()
      }
    },
    async processError({ error, errorSource }) {
      if (errorSource === "processMessageCallback") return
      if (errorSource === "receive") return state.set("disconnected", error.message)
      writeLog("warning", "host", "message not settled", {
        queue: trigger.queueName,
        errorSource,
        error: error.message,
      })
    },
  }
  // The client has no prefetch when it pushes messages: what is prefetched waits here, locked, as in Azure.
  const subscription = receiver.subscribe(handlers, {
    autoCompleteMessages: trigger.autoCompleteMessages,
    maxConcurrentCalls: trigger.maxConcurrentCalls + trigger.prefetchCount,
  })
  return {
    stop: () => quietly(subscription.close()),
    async close() {
      await quietly(receiver.close())
      await quietly(client.close())
    },
  }
}

function invocationOf(trigger: QueueTrigger, message: ServiceBusReceivedMessage) {
  const inputData = [{ name: trigger.fn.trigger.name, data: bodyOf(message, trigger.isBinary) }]
  return { inputData, triggerMetadata: metadataOf(message) }
}

/** The client waits long for a broker that is away: closing is not worth that. */
async function quietly(work: Promise<void>): Promise<void> {
  await withinTime(work, closeTimeoutMs, "not closed in time").catch(() => undefined)
}

function createStateLog(fields: Record<string, string>) {
  let state = "connecting"
  return {
    set(next: "connected" | "disconnected", error?: string): void {
      if (next === state) return
      state = next
      const level = next === "connected" ? "information" : "warning"
      writeLog(level, "host", `service bus ${next}`, error === undefined ? fields : { ...fields, error })
    },
  }
}
