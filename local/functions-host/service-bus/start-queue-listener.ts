import type { MessageHandlers, RetryOptions } from "@azure/service-bus"
import type { Invoke } from "../app/invoke-function.ts"
import { withinTime } from "../app/within-time.ts"
import { createRequestGate } from "../http/request-gate.ts"
import { writeLog } from "../write-log.ts"
import { handleMessage } from "./handle-message.ts"
import type { QueueTrigger } from "./queue-trigger.ts"
import { createStateLog } from "./state-log.ts"

/** The client does not publish it: called each time the link stands, at first and after a loss. */
type Handlers = MessageHandlers & { postInitialize(): Promise<void> }
const closeTimeoutMs = 2_000

export type QueueListener = {
  /** No further message starts; those that run can still be settled. */
  stop(): Promise<void>
  /** Waits for the settlements under way, within reason. */
  close(): Promise<void>
}

/**
 * Receives a queue's messages, one invocation each, locks renewed meanwhile. A broker that is away is asked again and again;
 * one line says so, and one that it is back.
 */
export async function startQueueListener(
  deps: { invoke: Invoke; retryOptions: RetryOptions },
  trigger: QueueTrigger,
): Promise<QueueListener> {
  // Loaded here and not above: the client takes longer to load than the rest of the host to start.
  const { openClient } = await import("./open-client.ts")
  const client = openClient(trigger.connectionString, deps.retryOptions)
  const receiver = client.createReceiver(trigger.queueName, {
    receiveMode: "peekLock",
    maxAutoLockRenewalDurationInMs: trigger.maxAutoLockRenewalMs,
    skipParsingBodyAsJson: true,
  })
  const setState = createStateLog({ function: trigger.fn.name, queue: trigger.queueName })
  const gate = createRequestGate({ maxConcurrentRequests: trigger.maxConcurrentCalls, maxOutstandingRequests: -1 })
  const handling = new Set<Promise<void>>()
  let isStopping = false

  const handlers: Handlers = {
    async postInitialize() {
      setState("connected")
    },
    async processMessage(message) {
      const leave = await gate.enter()
      const work = isStopping
        ? receiver.abandonMessage(message)
        : handleMessage({ invoke: deps.invoke, receiver }, trigger, message)
      handling.add(work)
      try {
        await work
      } finally {
        handling.delete(work)
        leave?.()
      }
    },
    async processError({ error, errorSource }) {
      if (errorSource === "receive") return setState("disconnected", error.message)
      writeLog("warning", "host", "service bus error", { queue: trigger.queueName, errorSource, error: error.message })
    },
  }
  // The client has no prefetch when it pushes messages: what is prefetched waits here, locked, as in Azure.
  const subscription = receiver.subscribe(handlers, {
    autoCompleteMessages: false,
    maxConcurrentCalls: trigger.maxConcurrentCalls + trigger.prefetchCount,
  })
  return {
    async stop() {
      isStopping = true
      await quietly(subscription.close())
    },
    async close() {
      await quietly(Promise.allSettled(handling))
      await quietly(receiver.close())
      await quietly(client.close())
    },
  }
}

/** The client waits long for a broker that is away: closing is not worth that. */
async function quietly(work: Promise<unknown>): Promise<void> {
  await withinTime(work, closeTimeoutMs, "not closed in time").catch(() => undefined)
}
