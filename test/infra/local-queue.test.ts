import { expect, test } from "vitest"
import { ServiceBusConfig } from "../../local/service-bus/config.ts"
import { createServiceBusPart } from "../../local/service-bus/service-bus-part.ts"
import type { StackState } from "../../local/stack-state.ts"
import type { Values } from "./evaluate.ts"
import { bodiesOf, sampleDeployment } from "./sample-deployment.ts"

/** `PT1M30S` or `P1D` in seconds (ISO 8601, without months and years). */
function secondsOf(duration: unknown): number {
  const [, days, hours, minutes, seconds] =
    /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/.exec(String(duration)) ?? []
  return ((Number(days ?? 0) * 24 + Number(hours ?? 0)) * 60 + Number(minutes ?? 0)) * 60 + Number(seconds ?? 0)
}

test("the local broker's queues behave as those in Azure", () => {
  const stack = {
    dataFolder: "/data",
    host: "127.0.0.1",
    serviceBusPort: 5672,
    serviceBusKey: { name: "name", key: "key" },
  } as StackState
  const { queues } = ServiceBusConfig.parse(JSON.parse(createServiceBusPart(stack).env.SLIPWAY_PART ?? ""))

  const inAzure = bodiesOf(sampleDeployment().resources, "Microsoft.ServiceBus/namespaces/queues").map(
    ({ name, properties: given }) => {
      const properties = given as Values
      return {
        name,
        lockDurationSeconds: secondsOf(properties.lockDuration),
        maxDeliveryCount: properties.maxDeliveryCount,
        duplicateDetectionWindowSeconds: secondsOf(properties.duplicateDetectionHistoryTimeWindow),
        defaultMessageTimeToLiveSeconds: secondsOf(properties.defaultMessageTimeToLive),
      }
    },
  )

  // Where the broker lets messages live for ever there is nothing to compare: the sweeper sends a lost one again.
  const limited = queues.map((queue, index) => ({
    defaultMessageTimeToLiveSeconds: inAzure[index]?.defaultMessageTimeToLiveSeconds,
    ...queue,
  }))
  expect(limited).toEqual(inAzure)
})
