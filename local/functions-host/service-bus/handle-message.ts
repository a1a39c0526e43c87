import type { ServiceBusReceivedMessage, ServiceBusReceiver } from "@azure/service-bus"
import type { Invoke } from "../app/invoke-function.ts"
import { writeLog } from "../write-log.ts"
import { bodyOf, metadataOf } from "./message-data.ts"
import type { QueueTrigger } from "./queue-trigger.ts"

/**
 * One delivery: completed when the function returns, abandoned when it throws. The client could do both by itself, but then a
 * stop could not wait for it. Never throws: a message that cannot be settled comes again when its lock ends.
 */
export async function handleMessage(
  deps: { invoke: Invoke; receiver: Pick<ServiceBusReceiver, "completeMessage" | "abandonMessage"> },
  trigger: QueueTrigger,
  message: ServiceBusReceivedMessage,
): Promise<void> {
  const inputData = [{ name: trigger.fn.trigger.name, data: bodyOf(message, trigger.isBinary) }]
  let hasReturned = true
  try {
    await deps.invoke(trigger.fn, { inputData, triggerMetadata: metadataOf(message) })
  } catch {
    hasReturned = false
  }
  try {
    if (!hasReturned) await deps.receiver.abandonMessage(message)
    else if (trigger.autoCompleteMessages) await deps.receiver.completeMessage(message)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    writeLog("warning", "host", "message not settled", { queue: trigger.queueName, hasReturned, error: why })
  }
}
