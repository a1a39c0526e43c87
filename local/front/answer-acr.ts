import http, { type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http"
import { z } from "zod"
import { answerRegistryError } from "./answer-registry-error.ts"
import type { Upstream } from "./forward-request.ts"
import { answerUnavailable } from "./unavailable-answer.ts"

/** Every kind that a tag may name; the registry says "unknown" of kinds that are not asked for (engines.md 1). */
const MANIFEST_TYPES = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.docker.distribution.manifest.v2+json",
].join(", ")
/** Digests looked up at once for one list of tags. */
const PARALLEL = 8
const TagList = z.object({ tags: z.array(z.string()).nullable() })

type Reply = { status: number; headers: IncomingHttpHeaders; body: Buffer }
type Ask = (method: "GET" | "HEAD", path: string) => Promise<Reply>

/**
 * `GET /acr/v1/<repository>/_tags[/<tag>]`, which az asks for the digest of a tag (`az acr task list-runs --image`,
 * `az acr repository show-tags`), from what the registry's own API tells to the same token. Times are not known there.
 * Source: Azure Container Registry data plane, api-version 2021-07-01, Tag.
 */
export async function answerAcr(
  upstream: Upstream,
  request: IncomingMessage,
  response: ServerResponse,
  route: { path: string; query: string },
): Promise<void> {
  const match = /^\/acr\/v1\/(.+)\/_tags(?:\/([^/]+))?$/.exec(route.path)
  const [, repository, tag] = match ?? []
  if (repository === undefined || request.method !== "GET") {
    return answerRegistryError(response, 404, "UNSUPPORTED", "This part of ACR's API is not served here; /v2/ is.")
  }
  const ask: Ask = (method, path) => askRegistry(upstream, request, method, path)
  try {
    if (tag !== undefined) return await answerTag(ask, response, repository, tag)
    await answerTags(ask, response, repository, route.query)
  } catch {
    answerUnavailable(response, "registry")
  }
}

async function answerTag(ask: Ask, response: ServerResponse, repository: string, tag: string): Promise<void> {
  const reply = await ask("GET", `/v2/${repository}/manifests/${tag}`)
  if (reply.status !== 200) return passOn(response, reply)
  sendJson(response, { registry: response.req.headers.host, imageName: repository, tag: toTag(tag, reply) })
}

async function answerTags(ask: Ask, response: ServerResponse, repository: string, query: string): Promise<void> {
  const asked = new URLSearchParams(query)
  const listed = await ask("GET", `/v2/${repository}/tags/list`)
  if (listed.status !== 200) return passOn(response, listed)
  const last = asked.get("last") ?? ""
  const limit = Math.min(Math.max(Number(asked.get("n") ?? 100) || 100, 1), 100)
  // Registry 2.8 does not page tags: it lists all of them, and we cut.
  const names = (TagList.parse(JSON.parse(listed.body.toString())).tags ?? []).sort().filter((name) => name > last)
  const page = names.slice(0, limit)
  const tags: ReturnType<typeof toTag>[] = []
  for (let start = 0; start < page.length; start += PARALLEL) {
    const part = page.slice(start, start + PARALLEL)
    const replies = await Promise.all(part.map((name) => ask("HEAD", `/v2/${repository}/manifests/${name}`)))
    // A tag that was deleted since the list was made is left out.
    for (const [index, reply] of replies.entries()) if (reply.status === 200) tags.push(toTag(part[index] ?? "", reply))
  }
  const end = page.at(-1)
  const hasMore = names.length > page.length && end !== undefined
  const next = `</acr/v1/${repository}/_tags?last=${encodeURIComponent(end ?? "")}&n=${limit}>; rel="next"`
  sendJson(
    response,
    { registry: response.req.headers.host, imageName: repository, tags },
    hasMore ? { link: next } : {},
  )
}

function toTag(name: string, reply: Reply) {
  const changeableAttributes = { deleteEnabled: true, writeEnabled: true, readEnabled: true, listEnabled: true }
  return { name, digest: reply.headers["docker-content-digest"], signed: false, changeableAttributes }
}

function askRegistry(upstream: Upstream, client: IncomingMessage, method: string, path: string): Promise<Reply> {
  const { authorization, host } = client.headers
  const headers = { host, accept: MANIFEST_TYPES, ...(authorization === undefined ? {} : { authorization }) }
  return new Promise((resolve, reject) => {
    const request = http.request({ ...upstream.address, agent: upstream.agent, method, path, headers }, (response) => {
      const chunks: Buffer[] = []
      response.on("data", (chunk: Buffer) => chunks.push(chunk))
      response.once("error", reject)
      response.once("end", () => {
        resolve({ status: response.statusCode ?? 502, headers: response.headers, body: Buffer.concat(chunks) })
      })
    })
    request.once("error", reject)
    request.end()
  })
}

/** The registry's refusal is the answer: its challenge names the scope that the client must ask for. */
function passOn(response: ServerResponse, reply: Reply): void {
  const challenge = reply.headers["www-authenticate"]
  response.writeHead(reply.status, {
    "content-type": "application/json",
    "content-length": reply.body.length,
    ...(challenge === undefined ? {} : { "www-authenticate": challenge }),
  })
  response.end(reply.body)
}

function sendJson(response: ServerResponse, body: unknown, headers: Record<string, string> = {}): void {
  const text = JSON.stringify(body)
  response.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(text), ...headers })
  response.end(text)
}
