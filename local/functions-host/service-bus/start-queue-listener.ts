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
/**
 * A client without a link for so long is replaced. One whose broker dies while it opens its session waits a whole minute for an
 * answer that cannot come (rhea-promise: 60 s, which the client does not let anyone change).
 */
const giveUpClientMs = 8_000

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
  deps: { invoke: Invoke; retryOptions: RetryOptions; giveUpClientMs?: number },
  trigger: QueueTrigger,
): Promise<QueueListener> {
  // Loaded here and not above: the client takes longer to load than the rest of the host to start.
  const { openClient } = await import("./open-client.ts")
  const setState = createStateLog({ function: trigger.fn.name, queue: trigger.queueName })
  const gate = createRequestGate({ maxConcurrentRequests: trigger.maxConcurrentCalls, maxOutstandingRequests: -1 })
  const handling = new Set<Promise<void>>()
  let isStopping = false
  let watchdog: NodeJS.Timeout | undefined
  let current = open()

  function open() {
    const client = openClient(trigger.connectionString, deps.retryOptions)
    const receiver = client.createReceiver(trigger.queueName, {
      receiveMode: "peekLock",
      maxAutoLockRenewalDurationInMs: trigger.maxAutoLockRenewalMs,
      skipParsingBodyAsJson: true,
    })
    const isCurrent = () => current.client === client
    const handlers: Handlers = {
      async postInitialize() {
        if (!isCurrent()) return
        clearTimeout(watchdog)
        watchdog = undefined
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
        if (!isCurrent()) return
        if (errorSource === "receive") {
          watch()
          return setState("disconnected", error.message)
        }
        const fields = { queue: trigger.queueName, errorSource, error: error.message }
        writeLog("warning", "host", "service bus error", fields)
      },
    }
    // The client has no prefetch when it pushes messages: what is prefetched waits here, locked, as in Azure.
    const subscription = receiver.subscribe(handlers, {
      autoCompleteMessages: false,
      maxConcurrentCalls: trigger.maxConcurrentCalls + trigger.prefetchCount,
    })
    watch()
    return { client, receiver, subscription }
  }

  function watch(): void {
    watchdog ??= setTimeout(replace, deps.giveUpClientMs ?? giveUpClientMs).unref()
  }

  function replace(): void {
    watchdog = undefined
    if (isStopping) return
    const old = current
    current = open()
    void closeClient(old)
  }

  return {
    async stop() {
      isStopping = true
      clearTimeout(watchdog)
      await quietly(current.subscription.close())
    },
    async close() {
      await quietly(Promise.allSettled(handling))
      await closeClient(current)
    },
  }
}

async function closeClient({ client, receiver }: { client: Closable; receiver: Closable }): Promise<void> {
  await quietly(receiver.close())
  await quietly(client.close())
}

type Closable = { close(): Promise<void> }

/** The client waits long for a broker that is away: closing is not worth that. */
async function quietly(work: Promise<unknown>): Promise<void> {
  await withinTime(work, closeTimeoutMs, "not closed in time").catch(() => undefined)
}
