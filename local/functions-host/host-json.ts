import { readFile } from "node:fs/promises"
import { z } from "zod"
import { problemsOf } from "../../shared/problems-of.ts"
import { TimeSpan } from "./time-span.ts"

const Limit = z.number().int().min(1).or(z.literal(-1))

const Http = z.object({
  routePrefix: z.string().default("api"),
  /** -1: no limit, which is the default outside the Consumption plan. */
  maxConcurrentRequests: Limit.default(-1),
  /** Running and waiting together; what is above gets 429. */
  maxOutstandingRequests: Limit.default(-1),
  customHeaders: z.record(z.string(), z.string()).default({}),
  /** By the machine's counters, in Azure; nothing here. */
  dynamicThrottlesEnabled: z.boolean().optional(),
})

const ClientRetryOptions = z.object({
  mode: z
    .string()
    .transform((text) => text.toLowerCase())
    .pipe(z.enum(["fixed", "exponential"]))
    .optional(),
  tryTimeout: TimeSpan.optional(),
  delay: TimeSpan.optional(),
  maxDelay: TimeSpan.optional(),
  maxRetries: z.number().int().min(0).optional(),
})

const ServiceBus = z.object({
  prefetchCount: z.number().int().min(0).default(0),
  maxConcurrentCalls: z.number().int().min(1).default(16),
  autoCompleteMessages: z.boolean().default(true),
  maxAutoLockRenewalDuration: TimeSpan.default(5 * 60_000),
  clientRetryOptions: ClientRetryOptions.prefault({}),
})

/**
 * host.json, the part of it that this host applies. `logging` and `extensionBundle` are known and mean nothing here.
 * Source: https://learn.microsoft.com/azure/azure-functions/functions-host-json
 */
export const HostJson = z.object({
  version: z.literal("2.0"),
  $schema: z.unknown().optional(),
  logging: z.unknown().optional(),
  extensionBundle: z.unknown().optional(),
  /** Milliseconds; Flex Consumption's default is 30 minutes, "-1" is no limit. */
  functionTimeout: z
    .literal("-1")
    .transform(() => Number.POSITIVE_INFINITY)
    .or(TimeSpan)
    .default(30 * 60_000),
  extensions: z.object({ http: Http.prefault({}), serviceBus: ServiceBus.prefault({}) }).prefault({}),
})
export type HostJson = z.infer<typeof HostJson>

/** Reads host.json. `unknownKeys` are there and are not applied. Errors: one that names the file and everything wrong in it. */
export async function readHostJson(path: string): Promise<{ hostJson: HostJson; unknownKeys: string[] }> {
  let content: unknown
  try {
    content = JSON.parse(await readFile(path, "utf8"))
  } catch (error) {
    throw new Error(`${path} cannot be read: ${error instanceof Error ? error.message : error}`, { cause: error })
  }
  const result = HostJson.safeParse(content)
  if (!result.success) throw new Error(`${path} is wrong: ${problemsOf(result.error).join("; ")}`)
  return { hostJson: result.data, unknownKeys: keysNotIn(result.data, content, "") }
}

/** A parse leaves out what the schema does not name: what it left out is what is not applied. */
function keysNotIn(parsed: unknown, given: unknown, prefix: string): string[] {
  if (!isObject(parsed) || !isObject(given)) return []
  return Object.entries(given).flatMap(([key, value]) =>
    key in parsed ? keysNotIn(parsed[key], value, `${prefix}${key}.`) : [`${prefix}${key}`],
  )
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}
