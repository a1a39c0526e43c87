import { type IncomingMessage, request as requestHttp } from "node:http"
import { request as requestHttps } from "node:https"
import { ContextError } from "./context-error.ts"
import { checkedAddresses, type NetworkRules, pinnedLookup } from "./guarded-connect.ts"
import { trustOf } from "./trust-of.ts"

const MAX_REDIRECTS = 5
const REDIRECTS = new Set([301, 302, 303, 307, 308])

export type RequestOptions = {
  rules: NetworkRules
  method?: "GET" | "HEAD" | "POST"
  /** What goes along, decided for each host anew: a secret is for one origin only. */
  headersFor?: (url: URL) => Record<string, string>
  body?: string
  signal?: AbortSignal | undefined
  /** PEM of the authorities to trust in place of node's. */
  ca?: string | undefined
  /** A connection on which nothing moves for this long is cut. */
  stallMs?: number
}

/** One request to an address that was checked; a redirect is an answer like any other. Errors: see `checkedAddresses`; the connection's. */
export async function guardedRequest(url: URL, options: RequestOptions): Promise<IncomingMessage> {
  const isHttps = url.protocol === "https:"
  if (!isHttps && url.protocol !== "http:") throw new ContextError(`${url.protocol}// is no way to fetch anything.`)
  const port = Number(url.port || (isHttps ? 443 : 80))
  const addresses = await checkedAddresses(url.hostname, port, options.rules)
  const { method = "GET", signal, ca, body, stallMs = 60_000 } = options
  const headers = { "user-agent": "slipway", "accept-encoding": "identity", ...options.headersFor?.(url) }
  return await new Promise((resolve, reject) => {
    const settings = {
      method,
      headers: body === undefined ? headers : { ...headers, "content-length": String(Buffer.byteLength(body)) },
      lookup: pinnedLookup(addresses),
      // No pool: a kept connection was made for somebody else's check.
      agent: false as const,
      timeout: stallMs,
      ...(signal !== undefined && { signal }),
    }
    const request = isHttps
      ? requestHttps(url, { ...settings, ...(ca !== undefined && { secureContext: trustOf(ca) }) }, resolve)
      : requestHttp(url, settings, resolve)
    request.on("timeout", () => request.destroy(new Error(`nothing came for ${stallMs / 1000} seconds`)))
    request.on("error", reject)
    request.end(body)
  })
}

/**
 * Follows up to five redirects, each checked like the first; never from https to http. Returns the last answer and where it came
 * from. Errors: ContextError for a redirect that may not be followed, and those of {@link guardedRequest}.
 */
export async function guardedGet(start: URL, options: RequestOptions): Promise<{ answer: IncomingMessage; url: URL }> {
  let url = start
  for (let hops = 0; ; hops += 1) {
    const answer = await guardedRequest(url, options)
    const { location } = answer.headers
    if (!REDIRECTS.has(answer.statusCode ?? 0) || location === undefined) return { answer, url }
    answer.destroy()
    if (hops === MAX_REDIRECTS) {
      throw new ContextError(`The host "${start.host}" redirects more than ${MAX_REDIRECTS} times.`)
    }
    if (!URL.canParse(location, url.href))
      throw new ContextError(`The host "${url.host}" redirects to something that is no URL.`)
    const next = new URL(location, url)
    if (url.protocol === "https:" && next.protocol !== "https:") {
      throw new ContextError(
        `The host "${url.host}" redirects from https:// to ${next.protocol}//, which is not followed.`,
      )
    }
    next.username = ""
    next.password = ""
    url = next
  }
}

/** The body as text. Errors: when it is longer than `maxBytes`. */
export async function readBody(answer: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > maxBytes) {
      answer.destroy()
      throw new Error(`the answer is longer than ${maxBytes} bytes`)
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
