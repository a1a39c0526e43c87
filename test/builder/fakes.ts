import { mkdtemp, readdir, rm } from "node:fs/promises"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import path from "node:path"
import type { ContainerOptions, ContainerResult } from "../../builder/engine/container-options.ts"
import type { BuildOptions, BuildResult, Engine } from "../../builder/engine/engine.ts"
import { EngineError } from "../../builder/engine/engine-error.ts"
import type { BuilderEvent } from "../../shared/builders/builder-messages.ts"
import type { RunSpec } from "../../shared/builders/run-spec.ts"
import type { SecretAnswer } from "../../shared/secrets/secret-source.ts"

type Answer = { status: number; body?: unknown }
export type ServiceCall = { path: string; token: string | undefined; body: Record<string, unknown> }

/** The service's side of the builder protocol (docs/architecture), for one run, with trouble on demand. */
export async function startService(spec: () => RunSpec | Answer) {
  const events: BuilderEvent[] = []
  const calls: ServiceCall[] = []
  const state = {
    isCancelRequested: false,
    isEnded: false,
    /** What every secret is. */
    secret: { ok: false, message: "the vault has no such secret." } as SecretAnswer,
    /** Answers the next calls of a path with these instead; "reset" breaks the connection, "lost" carries out and then breaks. */
    trouble: new Map<string, (Answer | "reset" | "lost")[]>(),
  }

  function answer(call: ServiceCall): Answer {
    if (call.path === "spec") {
      const given = spec()
      return "v" in given ? { status: 200, body: given } : given
    }
    if (state.isEnded) return { status: 410, body: { error: { code: "RunEnded", message: "over" } } }
    if (call.path === "heartbeat") return { status: 200, body: { isCancelRequested: state.isCancelRequested } }
    if (call.path === "secrets") return { status: 200, body: state.secret }
    const event = call.body as unknown as BuilderEvent
    if (event.seq > events.length + 1) return { status: 409, body: { error: { code: "OutOfOrder", message: "gap" } } }
    if (event.seq === events.length + 1) events.push(event)
    return { status: 204 }
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const name = (request.url ?? "").replace("/builders/v1/reg/ca1/", "")
    const body = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>
    const call = { path: name, token: request.headers.authorization, body }
    calls.push(call)
    const trouble = state.trouble.get(name)?.shift()
    if (trouble === "reset") return void request.socket.destroy()
    const { status, body: content } = typeof trouble === "object" ? trouble : answer(call)
    if (trouble === "lost") return void request.socket.destroy()
    response.writeHead(status, { "content-type": "application/json" })
    response.end(content === undefined ? undefined : JSON.stringify(content))
  }

  const server = createServer((request, response) => void handle(request, response).catch(() => response.destroy()))
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const { port } = server.address() as AddressInfo
  return {
    runUrl: `http://127.0.0.1:${port}/builders/v1/reg/ca1`,
    events,
    calls,
    state,
    callsOf: (name: string) => calls.filter((call) => call.path === name),
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Serves one archive, in ranges too; `faults` are used up one a request. */
export async function startArchiveServer(archive: Buffer) {
  const faults: ("reset" | "half" | 404 | 503)[] = []
  const ranges: (string | undefined)[] = []
  const server = createServer((request, response) => {
    const { range } = request.headers
    ranges.push(range)
    const fault = faults.shift()
    if (fault === "reset") return void request.socket.destroy()
    if (typeof fault === "number") return void response.writeHead(fault).end()
    const start = range === undefined ? 0 : Number(/^bytes=(\d+)-$/.exec(range)?.[1])
    const rest = archive.subarray(start)
    response.writeHead(range === undefined ? 200 : 206, { "content-length": rest.length, etag: '"1"' })
    if (fault !== "half") return void response.end(rest)
    response.write(rest.subarray(0, Math.floor(rest.length / 2)), () => setImmediate(() => request.socket.destroy()))
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/source/a.tar.gz?sv=1&sig=contextSignature`,
    faults,
    ranges,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

export const BASE_DIGEST = `sha256:${"b".repeat(64)}`
export const PUSHED_DIGEST = `sha256:${"d".repeat(64)}`

/** An engine without containers that notes what it is asked. Behaviour is replaced a call at a time. */
export function createFakeEngine() {
  const asked: string[] = []
  let rejectPending: ((error: Error) => void) | undefined
  const fake = {
    asked,
    passwords: [] as string[],
    disposed: 0,
    aborted: 0,
    lastBuild: undefined as BuildOptions | undefined,
    onLogin: (_server: string): Promise<void> => Promise.resolve(),
    onBuild: (options: BuildOptions): Promise<BuildResult> => {
      options.onLine("#1 [1/1] FROM base", "stderr")
      return Promise.resolve({
        imageId: "sha256:1",
        bases: [{ reference: "reg.example:5000/base:1", digest: BASE_DIGEST }],
      })
    },
    onPush: (_image: string): Promise<string> => Promise.resolve(PUSHED_DIGEST),
    onAdopt: (_image: string): Promise<string | undefined> => Promise.resolve(undefined),
    onRun: (options: ContainerOptions): Promise<ContainerResult> => {
      options.streams.stdout.end()
      options.streams.stderr.end()
      return Promise.resolve({ exitCode: 0 })
    },
    /** Waits until the run is aborted. */
    untilAborted: <T>(): Promise<T> =>
      new Promise<T>((_, reject) => {
        rejectPending = reject
      }),
    engine: undefined as unknown as Engine,
  }
  fake.engine = {
    choice: {
      dialect: "docker",
      command: "/bin/docker",
      version: "28.5",
      env: {},
      cache: "registry",
      reason: "it answered first",
    },
    async login({ loginServer, password }) {
      fake.passwords.push(password)
      asked.push(`login ${loginServer}`)
      await fake.onLogin(loginServer)
    },
    async build(options) {
      asked.push(`build ${options.images.join(" ")}`)
      fake.lastBuild = options
      return fake.onBuild(options)
    },
    architecture: "amd64",
    missingEmulation: () => Promise.resolve(undefined),
    openSocket: () => Promise.resolve(undefined),
    async adopt(image) {
      asked.push(`adopt ${image}`)
      return fake.onAdopt(image)
    },
    async createNetwork({ name = "run" }) {
      asked.push(`network ${name}`)
      return name
    },
    async createVolume(name) {
      asked.push(`volume ${name}`)
      return name
    },
    async resolveImage(image) {
      return { name: image, pull: "missing" }
    },
    async run(options) {
      asked.push(`run ${options.image} ${options.arguments.join(" ")}`.trim())
      return fake.onRun(options)
    },
    async push(imageId, image) {
      asked.push(`push ${image} ${imageId}`)
      return fake.onPush(image)
    },
    abort() {
      fake.aborted += 1
      rejectPending?.(new EngineError("Aborted", "the run was stopped"))
    },
    async dispose() {
      fake.disposed += 1
    },
  }
  return fake
}
export type FakeEngine = ReturnType<typeof createFakeEngine>

export async function makeWorkFolder() {
  const base = await mkdtemp(path.join(tmpdir(), "builder-"))
  return { path: base, list: () => readdir(base), remove: () => rm(base, { recursive: true, force: true }) }
}
