import { randomUUID } from "node:crypto"
import { readFile } from "node:fs/promises"
import { Agent, request } from "node:https"
import { poll, type TestStack, tokenOf } from "./test-stack.ts"

// biome-ignore lint/suspicious/noExplicitAny: tests look into answers that the Swagger validator has judged
export type Answer = { status: number; headers: Record<string, string>; text: string; json: any }

type Call = { body?: unknown; token?: string | null; query?: Record<string, string>; headers?: Record<string, string> }

const VERSION = "2019-06-01-preview"
export const TERMINAL = ["Succeeded", "Failed", "Canceled", "Error", "Timeout"]

/** The stack's API over plain HTTPS, as any client that is neither az nor an SDK would use it. */
export async function createArmClient(stack: TestStack, role: "reader" | "runner" | "admin" = "runner") {
  const agent = new Agent({ ca: await readFile(stack.caFile), keepAlive: true })
  const origin = `https://localhost:${stack.state.frontPort}`
  const token = await tokenOf(stack, role)
  const { subscriptionId, resourceGroup } = stack.state
  const registryPath = (name: string) =>
    `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.ContainerRegistry/registries/${name}`

  async function call(method: string, target: string, options: Call = {}): Promise<Answer> {
    const url = new URL(target, origin)
    if (options.token !== null && !url.searchParams.has("api-version")) url.searchParams.set("api-version", VERSION)
    for (const [key, value] of Object.entries(options.query ?? {})) url.searchParams.set(key, value)
    const body =
      options.body === undefined || Buffer.isBuffer(options.body) || typeof options.body === "string"
        ? options.body
        : JSON.stringify(options.body)
    const headers: Record<string, string> = {
      ...(options.token === null ? {} : { authorization: `Bearer ${options.token ?? token}` }),
      ...(body === undefined
        ? { "content-length": "0" }
        : { "content-type": "application/json", "content-length": String(Buffer.byteLength(body as string | Buffer)) }),
      ...options.headers,
    }
    return send(agent, method, url, headers, body as string | Buffer | undefined)
  }

  const arm = (registry: string) => ({
    post: (path: string, options?: Call) => call("POST", `${registryPath(registry)}/${path}`, options),
    get: (path: string, options?: Call) => call("GET", `${registryPath(registry)}/${path}`, options),
  })

  /** Uploads a context as az does; returns the `sourceLocation`. */
  async function upload(registry: string, archive: Buffer): Promise<string> {
    const { json } = await arm(registry).post("listBuildSourceUploadUrl")
    const answer = await call("PUT", json.uploadUrl, {
      token: null,
      body: archive,
      headers: {
        "x-ms-blob-type": "BlockBlob",
        "x-ms-version": "2018-11-09",
        "content-type": "application/octet-stream",
      },
    })
    if (answer.status !== 201) throw new Error(`the upload answered ${answer.status}: ${answer.text}`)
    return json.relativePath
  }

  async function schedule(registry: string, request: Record<string, unknown>): Promise<string> {
    const answer = await arm(registry).post("scheduleRun", {
      body: { type: "DockerBuildRequest", dockerFilePath: "Dockerfile", platform: { os: "linux" }, ...request },
      headers: { "x-ms-client-request-id": randomUUID() },
    })
    if (answer.status !== 200) throw new Error(`scheduleRun answered ${answer.status}: ${answer.text}`)
    return answer.json.properties.runId
  }

  async function getRun(registry: string, runId: string) {
    return (await arm(registry).get(`runs/${runId}`)).json.properties
  }

  const finished = (registry: string, runId: string, seconds = 100) =>
    poll(
      `run ${runId} to end`,
      async () => {
        const run = await getRun(registry, runId)
        return TERMINAL.includes(run?.status) && run
      },
      seconds,
    )

  async function readLog(registry: string, runId: string): Promise<{ text: string; complete: string | undefined }> {
    const { json } = await arm(registry).post(`runs/${runId}/listLogSasUrl`)
    const answer = await call("GET", json.logLink, { token: null, headers: { "x-ms-version": "2021-12-02" } })
    return { text: answer.text, complete: answer.headers["x-ms-meta-complete"] }
  }

  return {
    origin,
    token,
    call,
    arm,
    registryPath,
    upload,
    schedule,
    getRun,
    finished,
    readLog,
    /** Uploads, schedules, waits; the run and its whole log. */
    async build(registry: string, archive: Buffer, request: Record<string, unknown> = {}, seconds?: number) {
      const runId = await schedule(registry, { sourceLocation: await upload(registry, archive), ...request })
      const run = await finished(registry, runId, seconds)
      return { runId, run, log: await readLog(registry, runId) }
    },
    close: () => agent.destroy(),
  }
}
export type ArmClient = Awaited<ReturnType<typeof createArmClient>>

function send(
  agent: Agent,
  method: string,
  url: URL,
  headers: Record<string, string>,
  body: string | Buffer | undefined,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { agent, method, headers }, (incoming) => {
      const chunks: Buffer[] = []
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk))
      incoming.on("error", reject)
      incoming.on("end", () => {
        const text = Buffer.concat(chunks).toString()
        const isJson = incoming.headers["content-type"]?.includes("json")
        resolve({
          status: incoming.statusCode ?? 0,
          headers: incoming.headers as Record<string, string>,
          text,
          json: isJson && text !== "" ? JSON.parse(text) : undefined,
        })
      })
    })
    outgoing.on("error", reject)
    outgoing.end(body)
  })
}
