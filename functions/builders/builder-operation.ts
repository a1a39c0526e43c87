import { app as functions, type HttpRequest, type HttpResponseInit } from "@azure/functions"
import type { z } from "zod"
import { type App, app } from "../../shared/app.ts"
import { toArmError } from "../../shared/arm/arm-error.ts"
import { type RunTokenClaims, verifyRunToken } from "../../shared/builders/run-token.ts"
import { AppError } from "../../shared/errors.ts"
import { problemsOf } from "../../shared/problems-of.ts"

export type BuilderCall<Message> = {
  app: App
  token: RunTokenClaims
  message: Message
  note(fields: Record<string, unknown>): void
}

/**
 * Registers `POST /builders/v1/{registry}/{runId}/<path>`: what a running builder may call, with the token of its one run.
 * The answer's body is the handler's result, 204 without one.
 */
export function builderOperation<Schema extends z.ZodType>(
  name: string,
  path: string,
  schema: Schema,
  handle: (call: BuilderCall<z.infer<Schema>>) => Promise<object | undefined>,
): void {
  functions.http(name, {
    methods: ["POST"],
    authLevel: "anonymous",
    route: `builders/v1/{registry}/{runId}/${path}`,
    handler: (request) => answer(name, schema, request, handle),
  })
}

async function answer<Schema extends z.ZodType>(
  name: string,
  schema: Schema,
  request: HttpRequest,
  handle: (call: BuilderCall<z.infer<Schema>>) => Promise<object | undefined>,
): Promise<HttpResponseInit> {
  const startedAt = performance.now()
  const slipway = app()
  const { registry = "", runId = "" } = request.params
  const fields: Record<string, unknown> = { op: name, registry, runId }
  const note = (more: Record<string, unknown>) => Object.assign(fields, more)
  const done = (status: number) => ({ ...fields, status, durationMs: Math.round(performance.now() - startedAt) })
  try {
    const bearer = /^Bearer +(\S+)$/i.exec(request.headers.get("authorization") ?? "")?.[1]
    const token = await verifyRunToken(slipway.runTokenKey, bearer, { registry, runId })
    const body = await handle({ app: slipway, token, message: await messageOf(request, schema), note })
    slipway.log.info("builder", done(body === undefined ? 204 : 200))
    return body === undefined
      ? { status: 204 }
      : { status: 200, jsonBody: body, headers: { "cache-control": "no-store" } }
  } catch (error) {
    const failure = toArmError(error)
    slipway.log[failure.status >= 500 ? "error" : "info"]("builder", { ...done(failure.status), error })
    return { status: failure.status, headers: failure.headers, jsonBody: failure.body }
  }
}

async function messageOf<Schema extends z.ZodType>(request: HttpRequest, schema: Schema): Promise<z.infer<Schema>> {
  const content: unknown = await request.json().catch(() => {
    throw new AppError("InvalidRequestContent", "The body is not JSON.", { target: "body" })
  })
  const parsed = schema.safeParse(content)
  if (parsed.success) return parsed.data
  throw new AppError("InvalidRequestContent", `The message is not usable: ${problemsOf(parsed.error).join("; ")}.`)
}
