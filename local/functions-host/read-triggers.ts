import type { AppFunction } from "./app/core-types.ts"
import type { HostJson } from "./host-json.ts"
import { httpRouteOf } from "./http/http-trigger.ts"
import { parseRouteTemplate } from "./http/parse-route-template.ts"
import type { HttpRoute } from "./http/route-table.ts"
import { type QueueTrigger, queueTriggerOf } from "./service-bus/queue-trigger.ts"
import { type Timer, timerOf } from "./timers/timer-trigger.ts"

export type Triggers = { routes: HttpRoute[]; timers: Timer[]; queues: QueueTrigger[] }

/**
 * Sorts an app's functions by their triggers and reads them. Errors: one that lists everything in the app that this host
 * cannot run: better at load than a function that is silently never called.
 */
export function readTriggers(
  functions: readonly AppFunction[],
  hostJson: HostJson,
  appSettings: Record<string, string>,
  now: Date,
): Triggers {
  const triggers: Triggers = { routes: [], timers: [], queues: [] }
  const problems: string[] = []
  for (const fn of functions) {
    try {
      refuseOtherBindings(fn)
      readTrigger(fn, hostJson, appSettings, now, triggers)
    } catch (error) {
      problems.push(`${fn.name}: ${error instanceof Error ? error.message : error}`)
    }
  }
  if (problems.length > 0) throw new Error(`the app has functions that cannot run here: ${problems.join("; ")}`)
  return triggers
}

function readTrigger(
  fn: AppFunction,
  hostJson: HostJson,
  appSettings: Record<string, string>,
  now: Date,
  triggers: Triggers,
): void {
  const type = fn.trigger.type.toLowerCase()
  if (fn.metadata.retryOptions !== undefined && type !== "timertrigger") {
    throw new Error(`retry options are there for timers only, not for ${fn.trigger.type}`)
  }
  if (type === "httptrigger") {
    const route = httpRouteOf(fn, hostJson.extensions.http.routePrefix, appSettings)
    parseRouteTemplate(route.template)
    triggers.routes.push(route)
  } else if (type === "timertrigger") {
    triggers.timers.push(timerOf(fn, appSettings, now))
  } else if (type === "servicebustrigger") {
    triggers.queues.push(queueTriggerOf(fn, hostJson.extensions.serviceBus, appSettings))
  } else {
    throw new Error(`trigger ${fn.trigger.type} is not there`)
  }
}

/** Beside its trigger a function has the HTTP answer as `$return`, and nothing else. */
function refuseOtherBindings(fn: AppFunction): void {
  for (const [name, binding] of Object.entries(fn.metadata.bindings)) {
    const isAnswer = name === "$return" && binding.type.toLowerCase() === "http"
    if (name !== fn.trigger.name && !isAnswer) throw new Error(`binding ${binding.type} (${name}) is not there`)
  }
}
