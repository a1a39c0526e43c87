import { z } from "zod"

/** What the supervisor, or a test, tells the host. Times are milliseconds. */
export const FunctionsHostConfig = z.object({
  /** Address to listen on. */
  host: z.string().default("127.0.0.1"),
  /** 0 takes a free one. */
  port: z.number().int().min(0).max(65535),
  /** Absolute path of the app: the ES module that package.json's `main` names. */
  bundlePath: z.string(),
  /** Absolute path of host.json; its folder is the app's folder. */
  hostJsonPath: z.string(),
  /** Become the app's environment; bindings take connections and `%NAME%` from here and from nowhere else. */
  appSettings: z.record(z.string(), z.string()).default({}),
  /** Where timers remember when they ran. */
  stateFolder: z.string(),
  /** How the Service Bus client tries again, over host.json's `clientRetryOptions`. */
  serviceBusRetry: z
    .object({
      retryDelayInMs: z.number().int().positive().optional(),
      maxRetries: z.number().int().min(0).optional(),
      timeoutInMs: z.number().int().positive().optional(),
    })
    .default({}),
  /** Azure's load balancer gives up on a request after 230 s. */
  httpTimeoutMs: z.number().int().positive().default(230_000),
  /** Azure's limit of a request body is 100 MB (FUNCTIONS_REQUEST_BODY_SIZE_LIMIT). */
  maxBodyBytes: z.number().int().positive().default(104_857_600),
  /** How long running invocations may go on after the host was told to stop. */
  drainTimeoutMs: z.number().int().min(0).default(10_000),
})
export type FunctionsHostConfig = z.infer<typeof FunctionsHostConfig>
