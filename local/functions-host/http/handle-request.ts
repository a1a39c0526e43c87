import { randomUUID } from "node:crypto"
import type { IncomingMessage, ServerResponse } from "node:http"
import type { AppFunction } from "../app/core-types.ts"
import type { Invoke } from "../app/invoke-function.ts"
import { forwardStream } from "./forward-stream.ts"
import { readBody } from "./read-body.ts"
import { originOf, targetOf, toRequestData } from "./request-data.ts"
import type { createRequestGate } from "./request-gate.ts"
import type { RouteTable } from "./route-table.ts"
import { writeResponse, writeStatus } from "./write-response.ts"

export type HttpDeps = {
  routes: RouteTable
  gate: ReturnType<typeof createRequestGate>
  invoke: Invoke
  customHeaders: Record<string, string>
  maxBodyBytes: number
  httpTimeoutMs: number
  streamPort: number | undefined
  /** Names of all functions, for the status answer. */
  functions: string[]
  isStopping(): boolean
}

/** Answers one request: the host's own status, or a function. Never throws. */
export async function handleRequest(deps: HttpDeps, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (deps.isStopping()) return writeStatus(response, 503, { connection: "close" })
  const target = targetOf(request)
  const origin = originOf(request)
  if (target === undefined || origin === undefined) return writeStatus(response, 400, { connection: "close" })
  if (target.path === "/admin/host/status") return writeHostStatus(response, deps.functions)

  const match = deps.routes.find(request.method ?? "GET", target.path)
  if (match.kind === "notFound") return refuse(request, response, 404)
  if (match.kind === "methodNotAllowed") return refuse(request, response, 405, { allow: match.allow.join(", ") })
  const entry = deps.gate.enter()
  if (entry === undefined) return refuse(request, response, 429)

  // The load balancer in front of a function app gives up; the function goes on and its answer is lost.
  const timer = setTimeout(() => writeStatus(response, 504, { connection: "close" }), deps.httpTimeoutMs)
  const leave = typeof entry === "function" ? entry : await entry
  try {
    const url = `${origin.scheme}://${origin.authority}${target.path}${target.query}`
    await answer(deps, match.fn, { request, url, query: target.query, params: match.params }, response)
  } catch {
    writeStatus(response, 500)
  } finally {
    clearTimeout(timer)
    leave()
  }
}

async function answer(
  deps: HttpDeps,
  fn: AppFunction,
  input: Omit<Parameters<typeof toRequestData>[0], "body">,
  response: ServerResponse,
): Promise<void> {
  const invocationId = randomUUID()
  const traceContext = traceContextOf(input.request, invocationId)
  if (deps.streamPort !== undefined) {
    const { invoke, streamPort, customHeaders } = deps
    return forwardStream({ ...input, fn, invoke, streamPort, invocationId, traceContext, customHeaders, response })
  }
  const body = await readBody(input.request, deps.maxBodyBytes)
  if (body === "tooLarge") return writeStatus(response, 413)
  const data = { http: toRequestData({ ...input, body }) }
  const inputData = [{ name: fn.trigger.name, data }]
  const result = await deps.invoke(fn, { invocationId, inputData, triggerMetadata: {}, traceContext })
  writeResponse(response, result.returnValue?.http, deps.customHeaders)
}

/** Reads the rest of a request that nobody wants, so that its connection can go on. */
function refuse(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  headers?: Record<string, string>,
): void {
  request.resume()
  writeStatus(response, status, headers)
}

function writeHostStatus(response: ServerResponse, functions: string[]): void {
  const body = JSON.stringify({ state: "Running", functions })
  response.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(body) }).end(body)
}

/** W3C trace context of the caller, or a new one: every invocation has one. */
function traceContextOf(request: IncomingMessage, id: string): { traceParent: string; traceState: string } {
  const given = request.headers.traceparent
  const hex = id.replaceAll("-", "")
  const traceParent = typeof given === "string" ? given : `00-${hex}-${hex.slice(16)}-00`
  return { traceParent, traceState: request.headers.tracestate?.toString() ?? "" }
}
