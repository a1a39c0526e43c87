import { z } from "zod"
import type { AppFunction } from "../app/core-types.ts"
import { expandSettings } from "../app/expand-settings.ts"
import type { HostJson } from "../host-json.ts"

const ServiceBusTrigger = z.object({
  queueName: z.string().optional(),
  topicName: z.string().optional(),
  connection: z.string().min(1).default("ServiceBus"),
  isSessionsEnabled: z.boolean().default(false),
  cardinality: z.string().default("one"),
  sdkBinding: z.boolean().default(false),
  dataType: z.string().optional(),
  autoCompleteMessages: z.boolean().optional(),
})

export type QueueTrigger = {
  fn: AppFunction
  queueName: string
  connectionString: string
  isBinary: boolean
  autoCompleteMessages: boolean
  prefetchCount: number
  maxConcurrentCalls: number
  maxAutoLockRenewalMs: number
}

/** The queue a function listens on, with host.json's settings. Errors: what this host cannot do as Azure would, said at load. */
export function queueTriggerOf(
  fn: AppFunction,
  settings: HostJson["extensions"]["serviceBus"],
  appSettings: Record<string, string>,
): QueueTrigger {
  const trigger = ServiceBusTrigger.parse(fn.trigger)
  if (trigger.queueName === undefined || trigger.topicName !== undefined) throw new Error("only queues, no topics")
  if (trigger.isSessionsEnabled) throw new Error("sessions are not there")
  if (trigger.cardinality !== "one") throw new Error(`cardinality "${trigger.cardinality}" is not there, only "one"`)
  if (trigger.sdkBinding) throw new Error("sdkBinding is not there")
  return {
    fn,
    queueName: expandSettings(trigger.queueName, appSettings),
    connectionString: connectionStringOf(expandSettings(trigger.connection, appSettings), appSettings),
    isBinary: trigger.dataType === "binary",
    autoCompleteMessages: trigger.autoCompleteMessages ?? settings.autoCompleteMessages,
    prefetchCount: settings.prefetchCount,
    maxConcurrentCalls: settings.maxConcurrentCalls,
    maxAutoLockRenewalMs: settings.maxAutoLockRenewalDuration,
  }
}

/** A connection is the name of an app setting. A namespace name instead of a connection string means an Azure identity. */
function connectionStringOf(connection: string, appSettings: Record<string, string>): string {
  const value = appSettings[connection] ?? appSettings[`AzureWebJobs${connection}`]
  if (value !== undefined) return value
  if (appSettings[`${connection}__fullyQualifiedNamespace`] !== undefined) {
    throw new Error(
      `app setting "${connection}__fullyQualifiedNamespace" needs an identity, which only Azure has: set "${connection}" to a connection string`,
    )
  }
  throw new Error(`app setting "${connection}" is not set: it is the connection string of queue trigger`)
}
