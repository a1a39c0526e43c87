import { z } from "zod"
import { SshAccess } from "../git/ssh-access.ts"
import { SecretLocation } from "../secrets/secret-source.ts"
import { RemoteSource, RunWork, StepRight } from "./run-work.ts"

/** os, architecture and variant in the registry's words (`linux`, `amd64`, `v7`), lower case. */
export const Platform = z.object({ os: z.string(), architecture: z.string(), variant: z.string().optional() })
export type Platform = z.infer<typeof Platform>

/** A registry login that the builder may use for this run only. Sent to that login server and to no other. */
export const RegistryLogin = z.object({ loginServer: z.string(), userName: z.string(), password: z.string() })
export type RegistryLogin = z.infer<typeof RegistryLogin>

/** The same while parts of it are still where they are kept; the builder reads them through the service. */
export const LoginReference = z.object({
  loginServer: z.string(),
  userName: z.union([z.string(), SecretLocation]),
  password: z.union([z.string(), SecretLocation]),
})
export type LoginReference = z.infer<typeof LoginReference>

/**
 * All that a builder knows: the answer to its claim. It holds the run's secrets, so it is never logged or written to disk.
 * Kinds of work: `build` now; `scan` joins when tasks are created (contracts, "Builders").
 */
export const RunSpec = z.object({
  v: z.literal(2),
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
  source: z.discriminatedUnion("type", [
    z.object({ type: z.literal("none") }),
    z.object({
      type: z.literal("upload"),
      /** Read-only SAS URL of an uploaded tar.gz. */
      url: z.string(),
      /** ETag that the archive must still have: an upload URL may outlive the request that named it. */
      version: z.string().optional(),
    }),
    RemoteSource,
  ]),
  /** Private hosts, `name` or `name:port`, that sources may come from. */
  allowedHosts: z.array(z.string()),
  /** For sources by ssh. */
  ssh: SshAccess,
  contextLimits: z.object({
    /** Unpacked size, entries, and unpacked:packed ratio above which an archive is refused. */
    maxBytes: z.number().int().positive(),
    maxEntries: z.number().int().positive(),
    maxRatio: z.number().positive(),
  }),
  work: RunWork,
  steps: z.object({
    rights: z.array(StepRight),
    /** Processes that one container may have at once. */
    maxProcesses: z.number().int().positive(),
  }),
  logins: z.array(LoginReference),
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
/** With every login's values read. */
export type ReadySpec = Omit<RunSpec, "logins"> & { logins: RegistryLogin[] }
