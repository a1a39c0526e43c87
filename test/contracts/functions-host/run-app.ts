import { spawn } from "node:child_process"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { request as httpRequest, type IncomingHttpHeaders, type OutgoingHttpHeaders } from "node:http"
import { tmpdir } from "node:os"
import path from "node:path"

const root = path.join(import.meta.dirname, "../../..")

export type LogLine = { level: string; category: string; message: string } & Record<string, unknown>
/** What the fixtures' `echo` says of a request; other answers have some of it. */
export type Echo = {
  function: string
  url: string
  headers: Record<string, string>
  query: Record<string, string>
  params: Record<string, string>
  length: number
  body: string
  traceContext: { traceParent: string }
  state: string
  functions: string[]
}
export type Answer = { status: number; headers: IncomingHttpHeaders; body: Buffer; text: string; json(): Echo }
export type RunningApp = Awaited<ReturnType<typeof runApp>>

/** What a test says of the host; the rest is made up here. `app` is a file of `apps/` or an absolute path. */
export type AppOptions = {
  app: string
  hostJson?: Record<string, unknown>
  appSettings?: Record<string, string>
  config?: Record<string, unknown>
  /** Kept between two hosts that shall share their state. */
  stateFolder?: string
}

/** Runs an app in a host of its own process, as the library allows one app per process, on a free port. */
export async function runApp(options: AppOptions) {
  const folder = await mkdtemp(path.join(tmpdir(), "functions-host-"))
  const hostJsonPath = path.join(folder, "host.json")
  await writeFile(hostJsonPath, JSON.stringify({ version: "2.0", ...options.hostJson }))
  const config = {
    port: 0,
    bundlePath: path.resolve(import.meta.dirname, "apps", options.app),
    hostJsonPath,
    appSettings: options.appSettings ?? {},
    stateFolder: options.stateFolder ?? folder,
    ...options.config,
  }
  const child = spawn(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", path.join(root, "local/functions-host/main.ts")],
    {
      env: { PATH: process.env.PATH, SLIPWAY_PART: JSON.stringify(config) },
      stdio: ["ignore", "pipe", "pipe"],
    },
  )
  const lines: LogLine[] = []
  const listeners = new Set<() => void>()
  let rest = ""
  const read = (chunk: Buffer) => {
    const pieces = (rest + chunk).split("\n")
    rest = pieces.pop() ?? ""
    for (const text of pieces) lines.push(parseLine(text))
    for (const listener of listeners) listener()
  }
  child.stdout.on("data", read)
  child.stderr.on("data", read)
  let exitCode: number | null | undefined
  const exited = new Promise<number | null>((resolve) => {
    child.once("exit", (code) => {
      exitCode = code
      for (const listener of listeners) listener()
      resolve(code)
    })
  })

  /** The first line, also an earlier one from `from` on, that is wanted. Fails when the process ends without it. */
  const waitForLine = (wanted: (line: LogLine) => boolean, from = 0) =>
    new Promise<LogLine>((resolve, reject) => {
      const look = () => {
        const found = lines.slice(from).find(wanted)
        if (found === undefined && exitCode === undefined) return
        listeners.delete(look)
        if (found !== undefined) resolve(found)
        else
          reject(
            new Error(`the host ended with ${exitCode}: ${lines.map((line) => line.error ?? line.message).join("\n")}`),
          )
      }
      listeners.add(look)
      look()
    })

  const ready = await waitForLine((line) => line.message === "ready").catch(async (error) => {
    await rm(folder, { recursive: true })
    throw error
  })
  const port = Number(ready.port)
  return {
    port,
    lines,
    child,
    folder,
    waitForLine,
    /** Lines that the app logged by `context.log` and its like. */
    userLines: () => lines.filter((line) => line.category === "user"),
    send: (
      method: string,
      target: string,
      sent?: { headers?: OutgoingHttpHeaders; body?: Buffer | string; isChunked?: boolean },
    ) => send(port, method, target, sent ?? {}),
    /** SIGTERM, then the exit code; also when it ended before. */
    async stop(signal: NodeJS.Signals = "SIGTERM") {
      if (exitCode === undefined) child.kill(signal)
      const code = await exited
      await rm(folder, { recursive: true, force: true })
      return code
    },
  }
}

/** Why a host did not start. */
export async function startFailure(options: AppOptions): Promise<string> {
  try {
    const app = await runApp(options)
    await app.stop()
    return "(it started)"
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function parseLine(text: string): LogLine {
  try {
    return JSON.parse(text)
  } catch {
    return { level: "raw", category: "raw", message: text }
  }
}

/** One request on a connection of its own, with what fetch refuses: bodies of GET, chunked uploads, odd targets. */
function send(
  port: number,
  method: string,
  target: string,
  sent: { headers?: OutgoingHttpHeaders; body?: Buffer | string; isChunked?: boolean },
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const length = sent.body === undefined || sent.isChunked ? {} : { "content-length": Buffer.byteLength(sent.body) }
    const headers = { ...length, ...sent.headers }
    const request = httpRequest(
      { host: "127.0.0.1", port, method, path: target, headers, agent: false },
      (response) => {
        const chunks: Buffer[] = []
        response.on("data", (chunk) => chunks.push(chunk))
        response.once("error", reject)
        response.once("end", () => {
          const body = Buffer.concat(chunks)
          const text = body.toString()
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body,
            text,
            json: () => JSON.parse(text),
          })
        })
      },
    )
    request.once("error", reject)
    if (sent.body !== undefined && sent.isChunked) request.write(sent.body)
    request.end(sent.isChunked ? undefined : sent.body)
  })
}
