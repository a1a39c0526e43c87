import path from "node:path"
import { partCommand } from "../part-command.ts"
import type { StackState } from "../stack-state.ts"
import { INNER_HOST } from "../stack-urls.ts"
import type { Part } from "../supervisor/part.ts"
import { answersAmqp } from "./answers-amqp.ts"
import type { ServiceBusConfig } from "./config.ts"

const STOP_TIMEOUT_MS = 5_000

/** The Service Bus broker as a part of the local stack, with the queue that carries runs to `startRun`. */
export function createServiceBusPart(stack: StackState): Part {
  const config: ServiceBusConfig = {
    host: INNER_HOST,
    port: stack.serviceBusPort,
    dataFolder: path.join(stack.dataFolder, "service-bus"),
    key: stack.serviceBusKey,
    // The values of the queue in infra/.
    queues: [{ name: "runs", lockDurationSeconds: 60, maxDeliveryCount: 10, duplicateDetectionWindowSeconds: 600 }],
  }
  const { command, args } = partCommand("service-bus")
  return {
    name: "service-bus",
    title: `Service Bus broker on ${INNER_HOST}:${stack.serviceBusPort}`,
    command,
    // A small young generation (1 MB) costs nothing at this size of work, and memory does not grow by 50 MB under load.
    args: ["--max-semi-space-size=1", ...args],
    env: { SLIPWAY_PART: JSON.stringify(config) },
    isHealthy: () => answersAmqp(INNER_HOST, stack.serviceBusPort),
    stopTimeoutMs: STOP_TIMEOUT_MS,
  }
}

/** What a client needs to reach it; the SDK takes the port from the endpoint, and plain TCP from the last word. */
export function serviceBusConnectionString({ serviceBusPort, serviceBusKey }: StackState): string {
  const { name, key } = serviceBusKey
  return `Endpoint=sb://${INNER_HOST}:${serviceBusPort};SharedAccessKeyName=${name};SharedAccessKey=${key};UseDevelopmentEmulator=true`
}
