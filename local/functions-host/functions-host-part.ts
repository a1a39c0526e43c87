import { get } from "node:http"
import path from "node:path"
import { partCommand } from "../part-command.ts"
import type { StackState } from "../stack-state.ts"
import { INNER_HOST } from "../stack-urls.ts"
import type { Part } from "../supervisor/part.ts"
import type { FunctionsHostConfig } from "./functions-host-config.ts"

const drainTimeoutMs = 10_000
const probeTimeoutMs = 2_000

/** The app's settings hold secrets: they go by the environment, like all of a part's configuration. */
export function createFunctionsHostPart(
  stack: StackState,
  options: { bundlePath: string; hostJsonPath: string; appSettings: Record<string, string> },
): Part {
  const config: Partial<FunctionsHostConfig> = {
    host: INNER_HOST,
    port: stack.hostPort,
    stateFolder: path.join(stack.dataFolder, "host"),
    drainTimeoutMs,
    // The broker is restarted in a moment: a back-off meant for the cloud would make runs wait.
    serviceBusRetry: { retryDelayInMs: 500 },
    ...options,
  }
  return {
    name: "host",
    title: `Functions host on ${INNER_HOST}:${stack.hostPort}`,
    ...partCommand("functions-host"),
    env: { SLIPWAY_PART: JSON.stringify(config) },
    isHealthy: () => isRunning(INNER_HOST, stack.hostPort),
    // Room to drain, to close the queue's links and to run the app's appTerminate hooks.
    stopTimeoutMs: drainTimeoutMs + 5_000,
  }
}

/** The host answers only when its app is loaded. */
function isRunning(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get({ host, port, path: "/admin/host/status", timeout: probeTimeoutMs, agent: false }, (answer) => {
      answer.resume()
      answer.once("end", () => resolve(answer.statusCode === 200))
    })
    request.once("timeout", () => request.destroy())
    request.once("error", () => resolve(false))
  })
}
