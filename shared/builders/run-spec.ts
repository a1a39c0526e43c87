import { z } from "zod"

/** Build-time argument. The value of a secret one is masked in the log and never stored in clear. */
const Argument = z.object({ name: z.string(), value: z.string(), isSecret: z.boolean() })

/** Builds one image into the engine's own store. Image names are as the user wrote them, `{{.Run.*}}` unrendered. */
export const BuildStep = z.object({
  type: z.literal("build"),
  id: z.string(),
  /** Path of the Dockerfile below the context's root. */
  dockerFilePath: z.string(),
  imageNames: z.array(z.string()),
  target: z.string().optional(),
  arguments: z.array(Argument),
  noCache: z.boolean(),
})
export type BuildStep = z.infer<typeof BuildStep>

/** Pushes images built before. Runs only when every earlier step succeeded. */
export const PushStep = z.object({ type: z.literal("push"), id: z.string(), imageNames: z.array(z.string()) })
export type PushStep = z.infer<typeof PushStep>

export const Step = z.discriminatedUnion("type", [BuildStep, PushStep])
export type Step = z.infer<typeof Step>

/** os, architecture and variant in the registry's words (`linux`, `amd64`, `v7`), lower case. */
export const Platform = z.object({ os: z.string(), architecture: z.string(), variant: z.string().optional() })
export type Platform = z.infer<typeof Platform>

/** A registry login that the builder may use for this run only. Sent to that login server and to no other. */
export const RegistryLogin = z.object({ loginServer: z.string(), userName: z.string(), password: z.string() })
export type RegistryLogin = z.infer<typeof RegistryLogin>

/**
 * All that a builder knows: the answer to its claim. It holds the run's secrets, so it is never logged or written to disk.
 * Kinds of work: `build` now; `scan` joins when tasks are created (contracts, "Builders").
 */
export const RunSpec = z.object({
  v: z.literal(1),
  kind: z.literal("build"),
  runId: z.string(),
  /** Name of the registry resource (`Run.RegistryName`) and its login server (`Run.Registry`). */
  registryName: z.string(),
  loginServer: z.string(),
  /** ISO 8601 UTC; the source of `Run.Date`. */
  createdAt: z.string(),
  taskName: z.string().optional(),
  platform: Platform,
  timeoutSeconds: z.number().int().positive(),
  /** Read-only SAS URL of an uploaded tar.gz; absent when the run has no context. */
  context: z
    .object({
      type: z.literal("upload"),
      url: z.string(),
      /** ETag that the archive must still have: an upload URL may outlive the request that named it. */
      version: z.string().optional(),
    })
    .optional(),
  contextLimits: z.object({
    /** Unpacked size, entries, and unpacked:packed ratio above which an archive is refused. */
    maxBytes: z.number().int().positive(),
    maxEntries: z.number().int().positive(),
    maxRatio: z.number().positive(),
  }),
  steps: z.array(Step),
  logins: z.array(RegistryLogin),
  /** Registries reached over plain HTTP (`host:port`). */
  insecureRegistries: z.array(z.string()),
  /** False: neither read nor write a layer cache in a registry. */
  isCacheEnabled: z.boolean(),
  log: z.object({
    /** Add-only SAS URL of the run's append blob. */
    url: z.string(),
    /** The builder stops writing at this size, with a last line that says so. */
    maxBytes: z.number().int().positive(),
  }),
  heartbeatSeconds: z.number().positive(),
})
export type RunSpec = z.infer<typeof RunSpec>
