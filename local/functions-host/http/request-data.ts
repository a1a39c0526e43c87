import type { IncomingMessage } from "node:http"
import type { HttpRequestData, NullableString } from "../app/core-types.ts"

/** Scheme and authority of the request, undefined when the Host header is none: the library would fail on such a URL. */
export function originOf(request: IncomingMessage): { scheme: string; authority: string } | undefined {
  const authority = request.headers.host ?? ""
  if (!/^([\w.-]+|\[[\da-f:.]+\])(:\d{1,5})?$/i.test(authority)) return undefined
  // What Azure's front end does: TLS ends there, and the app sees https URLs.
  const forwarded = request.headers["x-forwarded-proto"]?.toString().split(",")[0]?.trim().toLowerCase()
  return { scheme: forwarded === "https" ? "https" : "http", authority }
}

/** Path and query of the request line, also when a proxy wrote the whole URL there; undefined when it is neither. */
export function targetOf(request: IncomingMessage): { path: string; query: string } | undefined {
  const target = (request.url ?? "").replace(/^https?:\/\/[^/?]*/i, "")
  if (!target.startsWith("/")) return undefined
  const mark = target.indexOf("?")
  return mark < 0 ? { path: target, query: "" } : { path: target.slice(0, mark), query: target.slice(mark) }
}

/** Typed data of an HTTP trigger. A query key given twice is one value, `1,2`, in Azure too; keys differ not by case. */
export function toRequestData(input: {
  request: IncomingMessage
  url: string
  query: string
  params: Record<string, string>
  body: Buffer | undefined
}): HttpRequestData {
  const headers: Record<string, NullableString> = {}
  for (const [name, value] of Object.entries(input.request.headers)) {
    if (value !== undefined) headers[name] = { value: typeof value === "string" ? value : value.join(",") }
  }
  const params: Record<string, NullableString> = {}
  for (const [name, value] of Object.entries(input.params)) params[name] = { value }
  return {
    method: input.request.method ?? "GET",
    url: input.url,
    nullableHeaders: headers,
    nullableQuery: input.query === "" ? {} : parseQuery(input.query),
    nullableParams: params,
    ...(input.body === undefined ? {} : { body: { bytes: input.body } }),
  }
}

function parseQuery(query: string): Record<string, NullableString> {
  const values = new Map<string, { name: string; value: string }>()
  for (const [name, value] of new URLSearchParams(query)) {
    const known = values.get(name.toLowerCase())
    if (known === undefined) values.set(name.toLowerCase(), { name, value })
    else known.value += `,${value}`
  }
  return Object.fromEntries([...values.values()].map(({ name, value }) => [name, { value }]))
}
