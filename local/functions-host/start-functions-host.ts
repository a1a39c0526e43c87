// A local Azure Functions host: runs the app's real bundle with HTTP, timer and Service Bus queue triggers, in the place of the
// Functions host 4.x and its Node worker, which are no npm packages. `npm start` runs it for what Azure runs in the cloud.
//
// Left out: function keys (any authLevel but anonymous is refused), input and output bindings beside the HTTP answer, other
// triggers, topics, sessions and batches, retry options but on timers, content negotiation, scaling (one process, no singleton
// lock), dynamic throttling, time zones (schedules are UTC, Azure's default), schedules as time spans. A function past `functionTimeout` has failed,
// but the process is not recycled as in Azure: its code goes on. Whatever is left out is refused at load, never ignored.
import { setAppSettings } from "../config.ts"
import { createInvoke } from "./app/invoke-function.ts"
import { loadApp } from "./app/load-app.ts"
import { withinTime } from "./app/within-time.ts"
import type { FunctionsHostConfig } from "./functions-host-config.ts"
import { readHostJson } from "./host-json.ts"
import { createRequestGate } from "./http/request-gate.ts"
import { createRouteTable } from "./http/route-table.ts"
import { startHttpServer } from "./http/start-http-server.ts"
import { readTriggers } from "./read-triggers.ts"
import { retryOptionsOf } from "./service-bus/retry-options.ts"
import { type QueueListener, startQueueListener } from "./service-bus/start-queue-listener.ts"
import { createScheduleStatusStore } from "./timers/schedule-status.ts"
import { startTimer } from "./timers/start-timer.ts"
import { errorText, writeLog } from "./write-log.ts"

/** For the status of a timer whose function has just ended; longer only when that one hangs. */
const statusTimeoutMs = 500

export type FunctionsHost = { port: number; functions: string[]; close(): Promise<void> }

/**
 * Loads the app, listens, then starts timers and queue listeners. One app per process: the library keeps its state in modules.
 * Errors: host.json, the app or one of its functions is not what this host can run, or the address is taken.
 */
export async function startFunctionsHost(config: FunctionsHostConfig): Promise<FunctionsHost> {
  const { hostJson, unknownKeys } = await readHostJson(config.hostJsonPath)
  if (unknownKeys.length > 0)
    writeLog("warning", "host", "host.json has keys that are not applied", { keys: unknownKeys })
  setAppSettings(config.appSettings)
  const app = await loadApp(config)
  const triggers = readTriggers(app.functions, hostJson, config.appSettings, new Date())
  const functions = app.functions.map(({ name }) => name)
  const running = new Set<Promise<unknown>>()
  const invoke = createInvoke(app, hostJson.functionTimeout, running)
  let isStopping = false

  const { http } = hostJson.extensions
  const server = await startHttpServer(
    {
      routes: createRouteTable(triggers.routes),
      gate: createRequestGate(http),
      invoke,
      functions,
      customHeaders: http.customHeaders,
      maxBodyBytes: config.maxBodyBytes,
      httpTimeoutMs: config.httpTimeoutMs,
      streamPort: app.streamPort,
      isStopping: () => isStopping,
    },
    config,
  )
  writeLog("information", "host", "ready", { port: server.port, functions })

  const statuses = createScheduleStatusStore(config.stateFolder)
  const timers = await Promise.all(
    triggers.timers.map((timer) => startTimer({ invoke, statuses, now: () => new Date() }, timer)),
  )
  const retryOptions = retryOptionsOf(hostJson.extensions.serviceBus.clientRetryOptions, config.serviceBusRetry)
  const listeners = triggers.queues.map((queue) => startQueueListener({ invoke, retryOptions }, queue))
  for (const listener of listeners) {
    listener.catch((error) => writeLog("error", "host", "queue listener did not start", { error: errorText(error) }))
  }

  return {
    port: server.port,
    functions,
    async close() {
      if (isStopping) return
      isStopping = true
      const closed = server.close()
      const timersStopped = Promise.all(timers.map((timer) => timer.stop()))
      const queues = (await Promise.allSettled(listeners)).flatMap((result) =>
        result.status === "fulfilled" ? [result.value] : [],
      )
      await Promise.all(queues.map((queue: QueueListener) => queue.stop()))
      await drain(running, config.drainTimeoutMs)
      await withinTime(timersStopped, statusTimeoutMs, "timer status not written").catch(() => undefined)
      await app.hooks.run("appTerminate", { hookData: {}, appHookData: app.hooks.appHookData })
      await Promise.all(queues.map((queue: QueueListener) => queue.close()))
      server.drop()
      await closed
    },
  }
}

/** Waits for the running invocations, and for those that a retry or a waiting request still starts, up to a limit. */
async function drain(running: Set<Promise<unknown>>, limitMs: number): Promise<void> {
  const end = Date.now() + limitMs
  try {
    while (running.size > 0) {
      await withinTime(Promise.allSettled(running), Math.max(0, end - Date.now()), "not drained")
      // A request that waited for its turn starts in the turns right after.
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  } catch {
    writeLog("warning", "host", "stopped while functions ran", { running: running.size })
  }
}
