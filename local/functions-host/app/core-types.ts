import { z } from "zod"

// The types between a Functions worker and the library, after `types-core/index.d.ts` of Azure/azure-functions-nodejs-worker:
// only what this host sends or reads.

export type NullableString = { value: string }

export type HttpCookie = {
  name: string
  value: string
  domain?: { value?: string } | null
  path?: { value?: string } | null
  expires?: { value?: { seconds?: number } } | null
  secure?: { value?: boolean } | null
  httpOnly?: { value?: boolean } | null
  sameSite?: "none" | "lax" | "strict" | "explicitNone"
  maxAge?: { value?: number } | null
}

export type HttpRequestData = {
  method: string
  url: string
  nullableHeaders: Record<string, NullableString>
  nullableQuery: Record<string, NullableString>
  nullableParams: Record<string, NullableString>
  body?: { bytes: Uint8Array }
}

export type HttpResponseData = {
  statusCode?: string
  headers?: Record<string, string>
  cookies?: HttpCookie[]
  body?: TypedData | null
}

/** Exactly one of these is set. */
export type TypedData = {
  string?: string
  json?: string
  bytes?: Uint8Array
  int?: number
  double?: number
  http?: HttpRequestData | HttpResponseData
}

export type InvocationRequest = {
  invocationId: string
  inputData: { name: string; data: TypedData }[]
  triggerMetadata: Record<string, TypedData>
  traceContext?: { traceParent: string; traceState?: string; attributes?: Record<string, string> }
  retryContext?: { retryCount: number; maxRetryCount: number; exception?: { message: string } }
}

export type InvocationResponse = {
  returnValue?: { http?: HttpResponseData } | null
  outputData?: { name: string; data: TypedData }[]
}

export type InvocationState = "preInvocationHooks" | "invocation" | "postInvocationHooks"

export type CoreInvocationContext = {
  invocationId: string
  request: InvocationRequest
  metadata: FunctionMetadata
  state?: InvocationState | undefined
  log(level: string, category: string, message: string): void
}

export type FunctionCallback = (...inputs: unknown[]) => unknown

export type InvocationModel = {
  getArguments(): Promise<{ context: unknown; inputs: unknown[] }>
  invokeFunction(context: unknown, inputs: unknown[], callback: FunctionCallback): Promise<unknown>
  getResponse(context: unknown, result: unknown): Promise<InvocationResponse>
}

export type ProgrammingModel = {
  name: string
  version: string
  getInvocationModel(context: CoreInvocationContext): InvocationModel
  getCapabilities?(capabilities: Record<string, string>): Promise<Record<string, string>>
}

const Binding = z.looseObject({ type: z.string(), direction: z.enum(["in", "out", "inout"]) })
export type Binding = z.infer<typeof Binding>

const Duration = z.object({ seconds: z.number() }).optional()
const RetryOptions = z.object({
  retryStrategy: z.enum(["fixedDelay", "exponentialBackoff"]),
  /** -1: again and again. */
  maxRetryCount: z.number().int().min(-1),
  delayInterval: Duration,
  minimumInterval: Duration,
  maximumInterval: Duration,
})
export type RetryOptions = z.infer<typeof RetryOptions>

/** What an app hands to `registerFunction`. */
export const FunctionMetadata = z.object({
  name: z.string().min(1),
  bindings: z.record(z.string(), Binding),
  retryOptions: RetryOptions.optional(),
})
export type FunctionMetadata = z.infer<typeof FunctionMetadata>

/** A function of the loaded app: its trigger is the `in` binding whose type ends in `Trigger`. */
export type AppFunction = {
  name: string
  metadata: FunctionMetadata
  trigger: Binding & { name: string }
  callback: FunctionCallback
}
