import { randomUUID } from "node:crypto"
import { app as functions, type HttpMethod, type HttpRequest, type HttpResponseInit } from "@azure/functions"
import { type App, app } from "../../shared/app.ts"
import { type ApiVersions, requireApiVersion } from "../../shared/arm/api-version.ts"
import { toArmError } from "../../shared/arm/arm-error.ts"
import { shapeForVersion } from "../../shared/arm/shape-for-version.ts"
import { type Principal, type Role, requireRole } from "../../shared/auth/principal.ts"
import { AppError } from "../../shared/errors.ts"
import { findRegistry, type Registry } from "../../shared/registry/registry.ts"

/** Largest request body that ARM takes (4 MiB). */
const MAX_BODY = 4 * 1024 * 1024

type Operation = {
  method: HttpMethod | HttpMethod[]
  route: string
  /** What the caller must be; `anyone` needs no token. */
  role: Role | "anyone"
  /** `none`: any or no api-version. */
  versions: ApiVersions | "none"
}

/** One request as an operation sees it: authenticated, authorised, its api-version known to be one of ours. */
export type ArmCall = {
  app: App
  method: string
  principal: Principal
  params: Record<string, string>
  /** By lower-case name. */
  query: URLSearchParams
  url: URL
  clientRequestId: string | undefined
  /** Either may be called, and more than once. */
  bodyText(): Promise<string>
  bodyJson(): Promise<unknown>
  /** Fields for the one log event of this request. */
  note(fields: Record<string, unknown>): void
}

/** The answer's JSON body; undefined for an empty 200. */
type Handle<Call> = (call: Call) => Promise<unknown>

/** Registers an operation of the ARM surface. Errors become ARM's error bodies, headers are ARM's, all in this one place. */
export function armOperation(name: string, operation: Operation, handle: Handle<ArmCall>): void {
  functions.http(name, {
    methods: [operation.method].flat(),
    authLevel: "anonymous",
    route: operation.route,
    handler: (request) => answer(name, operation, request, handle),
  })
}

/** Registers an operation below one registry: `path` follows `…/registries/{registryName}`. */
export function registryOperation(
  name: string,
  { path, ...operation }: Omit<Operation, "route"> & { path: string },
  handle: Handle<ArmCall & { registry: Registry; subscriptionId: string }>,
): void {
  const base =
    "subscriptions/{subscriptionId}/resourceGroups/{resourceGroup}/providers/Microsoft.ContainerRegistry/registries/{registryName}"
  const route = path === "" ? base : `${base}/${path}`
  armOperation(name, { ...operation, route }, (call) => {
    const subscriptionId = requireSubscription(call)
    const registry = findRegistry(call.app.registries, call.params.registryName ?? "")
    const group = call.params.resourceGroup ?? ""
    if (group.toLowerCase() !== registry.resourceGroup.toLowerCase()) {
      throw new AppError(
        "ResourceNotFound",
        `The Resource '${registry.name}' was not found in resource group '${group}'; it is in '${registry.resourceGroup}'.`,
      )
    }
    call.note({ registry: registry.key })
    return handle({ ...call, registry, subscriptionId })
  })
}

/** Errors: `SubscriptionNotFound`. Ids compare without case. */
export function requireSubscription({ app, params }: Pick<ArmCall, "app" | "params">): string {
  const asked = params.subscriptionId ?? ""
  const ours = app.settings.SLIPWAY_SUBSCRIPTION_ID
  if (asked.toLowerCase() === ours.toLowerCase()) return ours
  throw new AppError(
    "SubscriptionNotFound",
    `The subscription '${asked}' could not be found; the one here is '${ours}'.`,
  )
}

async function answer(
  name: string,
  operation: Operation,
  request: HttpRequest,
  handle: Handle<ArmCall>,
): Promise<HttpResponseInit> {
  const startedAt = performance.now()
  const slipway = app()
  const clientRequestId = request.headers.get("x-ms-client-request-id") ?? undefined
  const url = new URL(request.url)
  const fields: Record<string, unknown> = { op: name, method: request.method, path: url.pathname, clientRequestId }
  const note = (more: Record<string, unknown>) => Object.assign(fields, more)
  const requestId = randomUUID()
  const done = (status: number) => ({
    ...fields,
    requestId,
    status,
    durationMs: Math.round(performance.now() - startedAt),
  })
  try {
    const principal = await authorise(slipway, operation.role, request)
    note({ principal: principal.id })
    const query = lowerCased(url.searchParams)
    const asked = query.get("api-version") ?? undefined
    const version = operation.versions === "none" ? "" : requireApiVersion(asked, operation.versions)
    let body: Promise<string> | undefined
    const text = () => {
      body ??= bodyOf(request)
      return body
    }
    const call = {
      app: slipway,
      method: request.method,
      principal,
      params: request.params,
      query,
      url,
      clientRequestId,
      note,
      bodyText: text,
      bodyJson: async () => jsonOf(await text()),
    }
    const result = await handle(call)
    const content = operation.versions === "tasks" ? shapeForVersion(result, version) : result
    slipway.log.info("request", done(200))
    return { status: 200, headers: headers(requestId), ...(content === undefined ? {} : { jsonBody: content }) }
  } catch (error) {
    const failure = toArmError(error)
    const level = failure.status >= 500 ? "error" : "info"
    slipway.log[level]("request", { ...done(failure.status), code: failure.body.error.code, error })
    return { status: failure.status, headers: { ...headers(requestId), ...failure.headers }, jsonBody: failure.body }
  }
}

async function authorise(slipway: App, role: Operation["role"], request: HttpRequest): Promise<Principal> {
  if (role === "anyone") return { id: "anyone", roles: [] }
  const principal = await slipway.verifyAccessToken(request.headers.get("authorization") ?? undefined)
  requireRole(principal, role)
  return principal
}

async function bodyOf(request: HttpRequest): Promise<string> {
  const text = await request.text()
  if (Buffer.byteLength(text) <= MAX_BODY) return text
  throw new AppError("RequestTooLarge", "The request body is larger than 4 MiB.")
}

/** Query names compare without case in ARM: `$TOP` is `$top`. Ask by lower-case name. */
function lowerCased(params: URLSearchParams): URLSearchParams {
  const found = new URLSearchParams()
  for (const [name, value] of params) found.append(name.toLowerCase(), value)
  return found
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const why = error instanceof Error ? error.message.replace(/[,:]? ?"[\s\S]*$/, "") : ""
    throw new AppError(
      "InvalidRequestContent",
      `The request content was invalid and could not be deserialized: it is not JSON. ${why}`.trim(),
      { target: "body" },
    )
  }
}

function headers(requestId: string): Record<string, string> {
  return {
    "content-type": "application/json; charset=utf-8",
    "cache-control": "no-cache",
    pragma: "no-cache",
    expires: "-1",
    "strict-transport-security": "max-age=31536000; includeSubDomains",
    "x-content-type-options": "nosniff",
    "x-ms-request-id": requestId,
    "x-ms-correlation-request-id": requestId,
  }
}
