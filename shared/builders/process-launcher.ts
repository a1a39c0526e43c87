import { request } from "node:http"
import { z } from "zod"
import { AppError } from "../errors.ts"
import type { BuilderLaunch, LaunchedBuilder, Launcher } from "./launcher.ts"

export type ProcessLauncherOptions = {
  /** The local supervisor's `run/launcher.sock`. */
  socketPath: string
  /** Longest time without an answer, milliseconds; stopping a builder may take its whole grace time. */
  timeoutMs?: number
}

const LaunchedBuilders = z.array(
  z.object({ name: z.string(), runId: z.string(), registryName: z.string(), isRunning: z.boolean() }),
) satisfies z.ZodType<LaunchedBuilder[]>
const Problem = z.object({ message: z.string() })

/** Builders as child processes of the supervisor on this machine, so that they outlive a restart of this app. */
export function createProcessLauncher(options: ProcessLauncherOptions): Launcher {
  const call = (method: string, path: string, body?: unknown) => callLauncher(options, method, path, body)
  return {
    async launch(builder: BuilderLaunch) {
      await call("POST", "/builders", builder)
    },
    async stop(name) {
      await call("DELETE", `/builders/${encodeURIComponent(name)}`)
    },
    async list() {
      const result = LaunchedBuilders.safeParse(parseJson(await call("GET", "/builders")))
      if (!result.success) throw unavailable("it gave an answer that is none", result.error)
      return result.data
    },
  }
}

async function callLauncher(
  options: ProcessLauncherOptions,
  method: string,
  path: string,
  body: unknown,
): Promise<string> {
  const answer = await exchange(options, method, path, body).catch((cause) => {
    throw unavailable(`${options.socketPath} does not answer`, cause)
  })
  if (answer.status < 300) return answer.text
  const problem = Problem.safeParse(parseJson(answer.text))
  const message = problem.success ? problem.data.message : `status ${answer.status}`
  if (answer.status >= 500) throw unavailable(message)
  throw new AppError("LaunchRefused", `The launcher refused the builder: ${message}`)
}

function exchange(
  { socketPath, timeoutMs = 30_000 }: ProcessLauncherOptions,
  method: string,
  path: string,
  body: unknown,
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const payload = body === undefined ? "" : JSON.stringify(body)
    const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(payload) }
    // No kept connection: a supervisor that was restarted would leave a dead one behind.
    const call = request({ socketPath, path, method, headers, agent: false, timeout: timeoutMs }, (response) => {
      let text = ""
      response.setEncoding("utf8")
      response.on("data", (chunk) => {
        text += chunk
      })
      response.on("error", reject)
      response.on("end", () => resolve({ status: response.statusCode ?? 500, text }))
    })
    call.on("timeout", () => call.destroy(new Error(`no answer within ${timeoutMs} ms`)))
    call.on("error", reject)
    call.end(payload)
  })
}

function unavailable(why: string, cause?: unknown): AppError {
  return new AppError("LauncherUnavailable", `No builder can be started now: ${why}`, { isRetryable: true, cause })
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
