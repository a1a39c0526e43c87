import { readFile } from "node:fs/promises"
import path from "node:path"
import { setTimeout as delay } from "node:timers/promises"
import { create } from "tar"
import { z } from "zod"
import { accessToken } from "../access-token.ts"
import { type HttpsAnswer, httpsCall } from "../https-call.ts"
import type { StackState } from "../stack-state.ts"
import { publicUrl } from "../stack-urls.ts"

const UploadUrl = z.object({ uploadUrl: z.url(), relativePath: z.string() })
const QueuedRun = z.object({ properties: z.object({ runId: z.string() }) })
const Run = z.object({ properties: z.object({ status: z.string(), runErrorMessage: z.string().nullish() }) })
const LogUrl = z.object({ logLink: z.url() })
const Runs = z.object({
  value: z.array(
    z.object({ properties: z.object({ runId: z.string(), status: z.string(), createTime: z.string().optional() }) }),
  ),
})

const API_VERSION = "2019-06-01-preview"
const POLL_MS = 500
/** az reads a log in pieces of this size (az-cli 8.1). */
const RANGE_BYTES = 4096

/** The calls that `az acr build` and `az acr task list-runs` make, for machines without az. */
export async function openHttpClient(stack: StackState, write: (text: string) => void) {
  const ca = await readFile(path.join(stack.dataFolder, "ca", "ca.pem"), "utf8")
  const token = await accessToken(stack, "admin")
  const registry = `${publicUrl(stack)}/subscriptions/${stack.subscriptionId}/resourceGroups/${stack.resourceGroup}/providers/Microsoft.ContainerRegistry/registries/${stack.registry.name}`

  async function arm(method: "GET" | "POST", operation: string, body?: unknown): Promise<unknown> {
    const mark = operation.includes("?") ? "&" : "?"
    const answer = await httpsCall(`${registry}/${operation}${mark}api-version=${API_VERSION}`, {
      method,
      ca,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      ...(method === "GET" ? {} : { body: body === undefined ? "" : JSON.stringify(body) }),
    })
    if (answer.status < 300) return JSON.parse(answer.body.toString("utf8"))
    throw new Error(`${method} ${operation} answered ${answer.status}: ${answer.body.toString("utf8")}`)
  }

  /** Prints the log as it grows, until the service has marked it complete. */
  async function followLog(url: string): Promise<void> {
    let read = 0
    for (;;) {
      const head = await httpsCall(url, { method: "HEAD", ca })
      const length = Number(head.headers["content-length"] ?? 0)
      while (head.status === 200 && read < length) {
        const range = `bytes=${read}-${Math.min(read + RANGE_BYTES, length) - 1}`
        const part = await httpsCall(url, { ca, headers: { "x-ms-range": range } })
        if (part.status !== 206) throw new Error(`the log answered ${part.status}`)
        write(part.body.toString("utf8").replaceAll("\r\n", "\n"))
        read += part.body.length
      }
      if (isComplete(head)) return
      await delay(POLL_MS)
    }
  }

  return {
    /** Builds and pushes a folder. Errors: a run that did not succeed, an answer that is none. */
    async build(folder: string, image: string): Promise<void> {
      const upload = UploadUrl.parse(await arm("POST", "listBuildSourceUploadUrl"))
      const archive = await create({ gzip: true, cwd: folder, portable: true }, ["."]).concat()
      const headers = { "x-ms-blob-type": "BlockBlob", "x-ms-version": "2018-11-09" }
      const put = await httpsCall(upload.uploadUrl, { method: "PUT", ca, headers, body: archive })
      if (put.status !== 201) throw new Error(`the upload answered ${put.status}`)
      const queued = await arm("POST", "scheduleRun", {
        type: "DockerBuildRequest",
        imageNames: [image],
        isPushEnabled: true,
        dockerFilePath: "Dockerfile",
        platform: { os: "linux", architecture: process.arch === "arm64" ? "arm64" : "amd64" },
        sourceLocation: upload.relativePath,
      })
      const { runId } = QueuedRun.parse(queued).properties
      write(`Queued a build with ID: ${runId}\n`)
      const { logLink } = LogUrl.parse(await arm("POST", `runs/${runId}/listLogSasUrl`))
      await followLog(logLink)
      const { status, runErrorMessage } = Run.parse(await arm("GET", `runs/${runId}`)).properties
      if (status !== "Succeeded")
        throw new Error(`run ${runId} ended as ${status}: ${runErrorMessage ?? "see its log"}`)
    },

    async listRuns(): Promise<string> {
      const { value } = Runs.parse(await arm("GET", "runs?$top=15"))
      const rows = value.map(({ properties: { runId, status, createTime } }) => [runId, status, createTime ?? ""])
      return [["RUN ID", "STATUS", "CREATED"], ...rows]
        .map((row) =>
          row
            .map((cell) => cell.padEnd(14))
            .join("  ")
            .trimEnd(),
        )
        .join("\n")
    },
  }
}

/** The service sets this metadata last (az-cli 8.2); Node has made its name lower-case. */
function isComplete({ headers }: HttpsAnswer): boolean {
  return headers["x-ms-meta-complete"] !== undefined
}
