import { z } from "zod"
import { StepRight } from "./builders/run-work.ts"
import { readPrivateKey } from "./git/read-private-key.ts"
import { JsonText } from "./json-text.ts"
import { problemsOf } from "./problems-of.ts"

const seconds = (fallback: number) => z.coerce.number().positive().default(fallback)

/** A registry that runs may push to: a resource of ours, served by any OCI registry. */
export const RegistrySettings = z.object({
  name: z.string().regex(/^[a-zA-Z0-9]{5,50}$/, "a registry name has 5–50 letters and digits"),
  loginServer: z.string().regex(/^[^/\s]+$/, "a login server is host or host:port, without scheme or path"),
  userName: z.string().optional(),
  password: z.string().optional(),
  resourceGroup: z.string().optional(),
  location: z.string().optional(),
  sku: z.enum(["Basic", "Standard", "Premium"]).default("Premium"),
  /** Reach it over plain HTTP. */
  isInsecure: z.boolean().default(false),
  createdAt: z.iso.datetime().default("2026-01-01T00:00:00Z"),
})
export type RegistrySettings = z.infer<typeof RegistrySettings>

const Schedule = z.string().regex(/^(\S+\s+){5}\S+$/, "must be an NCRONTAB of six fields, such as */15 * * * * *")

const Registries = JsonText.pipe(z.array(RegistrySettings).min(1, "at least one registry is needed")).refine(
  (list) => new Set(list.map(({ name }) => name.toLowerCase())).size === list.length,
  "two registries have the same name",
)

const AbsolutePath = z.string().startsWith("/", "must be an absolute path")

/** Words, comma-separated. */
const WordList = z.string().transform((text) =>
  text
    .split(",")
    .map((word) => word.trim())
    .filter((word) => word !== ""),
)

/** Every setting of the service. The README's table is made from this schema (`npm run docs:settings`). */
export const Settings = z.object({
  SLIPWAY_PUBLIC_URL: z.url().describe("Where clients and builders reach the service, without a trailing slash"),
  SLIPWAY_OIDC_ISSUER: z
    .url()
    .describe("Issuer of the tokens that the API accepts; keys come from its discovery document"),
  SLIPWAY_OIDC_AUDIENCE: WordList.describe("Audience of those tokens; several are comma-separated"),
  SLIPWAY_TENANT_ID: z.uuid().describe("Tenant shown to clients"),
  SLIPWAY_SUBSCRIPTION_ID: z.uuid().describe("Subscription that the registries appear in"),
  SLIPWAY_RESOURCE_GROUP: z.string().default("slipway").describe("Resource group that the registries appear in"),
  SLIPWAY_LOCATION: z.string().default("local").describe("Location that the registries show"),
  SLIPWAY_REGISTRIES: Registries.describe(
    "JSON array of registries: name, loginServer, userName, password, resourceGroup, location, sku, isInsecure",
  ),
  SLIPWAY_SECRET_KEY: z
    .base64()
    .refine((text) => Buffer.from(text, "base64").length === 32, "must be 32 bytes in base64 (openssl rand -base64 32)")
    .describe(
      "Key that encrypts stored requests and signs run tokens, 32 bytes in base64; a Key Vault reference in Azure",
    ),
  SLIPWAY_STORAGE_ACCOUNT: z.string().describe("Storage account name"),
  SLIPWAY_STORAGE_KEY: z
    .string()
    .optional()
    .describe("Account key, local stack only; without it the managed identity is used"),
  SLIPWAY_BLOB_URL: z.url().describe("Blob endpoint as the service reaches it"),
  SLIPWAY_BLOB_PUBLIC_URL: z
    .url()
    .describe("Blob endpoint as clients and builders reach it; its host or path must contain `.blob.`"),
  SLIPWAY_TABLE_URL: z.url().describe("Table endpoint"),
  SlipwayServiceBus: z.string().optional().describe("Service Bus connection string, local stack only"),
  SlipwayServiceBus__fullyQualifiedNamespace: z
    .string()
    .optional()
    .describe("Service Bus namespace host name, with the managed identity"),
  SLIPWAY_IDENTITY_CLIENT_ID: z
    .string()
    .optional()
    .describe("Client id of the user-assigned identity that reaches storage and Service Bus"),
  SLIPWAY_RUNS_QUEUE: z.string().default("runs").describe("Queue that carries runs to start"),
  SLIPWAY_LAUNCHER: z.enum(["process"]).default("process").describe("Where builders run"),
  SLIPWAY_LAUNCHER_SOCKET: z.string().optional().describe("Unix socket of the process launcher"),
  SLIPWAY_REGISTRY_EVENTS_TOKEN: z
    .string()
    .min(16)
    .optional()
    .describe("Bearer token that registry push notifications carry"),
  SLIPWAY_TIMEOUT_MIN_SECONDS: seconds(300).describe("Shortest run timeout that a request may ask for"),
  SLIPWAY_TIMEOUT_DEFAULT_SECONDS: seconds(3600).describe("Run timeout when a request names none"),
  SLIPWAY_TIMEOUT_MAX_SECONDS: seconds(28_800).describe("Longest run timeout that a request may ask for"),
  SLIPWAY_HEARTBEAT_SECONDS: seconds(2).describe("How often a builder asks whether its run was cancelled"),
  SLIPWAY_HEARTBEAT_TIMEOUT_SECONDS: seconds(60).describe(
    "A builder silent for this long is dead and its run an Error",
  ),
  SLIPWAY_SECRET_TIMEOUT_SECONDS: seconds(20)
    .pipe(z.number().max(100))
    .describe("How long a key vault may take to give a secret that a run names; at most 100"),
  SLIPWAY_CLAIM_TIMEOUT_SECONDS: seconds(60).describe("A started run not claimed for this long is launched again"),
  SLIPWAY_CANCEL_TIMEOUT_SECONDS: seconds(30).describe(
    "A cancelled run whose builder has not ended it by then is ended by the service",
  ),
  SLIPWAY_QUEUE_TIMEOUT_SECONDS: seconds(30).describe(
    "A queued run not started for this long is sent to the queue again",
  ),
  SLIPWAY_MAX_ATTEMPTS: z.coerce
    .number()
    .int()
    .min(1)
    .default(5)
    .describe("Builders launched for one run before it ends as Error"),
  SLIPWAY_SWEEP_SCHEDULE: Schedule.default("*/15 * * * * *").describe("NCRONTAB of the sweep for stuck runs"),
  SLIPWAY_PURGE_SCHEDULE: Schedule.default("0 0 3 * * *").describe("NCRONTAB of the daily purge"),
  SLIPWAY_RETENTION_DAYS: seconds(30).describe("Days that runs and their logs are kept"),
  SLIPWAY_IDEMPOTENCY_SECONDS: seconds(600).describe(
    "How long a repeated scheduleRun answers with the first one's run",
  ),
  SLIPWAY_UPLOAD_URL_SECONDS: seconds(3600).describe("Lifetime of an upload URL"),
  SLIPWAY_LOG_URL_SECONDS: seconds(14_400).describe("Lifetime of a log URL; a follower keeps it for the whole run"),
  SLIPWAY_LOG_MAX_BYTES: z.coerce
    .number()
    .int()
    .min(4096)
    .default(104_857_600)
    .describe("Size at which a run's log is cut, with a line that says so"),
  SLIPWAY_CONTEXT_MAX_BYTES: z.coerce
    .number()
    .int()
    .positive()
    .default(21_474_836_480)
    .describe("Largest unpacked context"),
  SLIPWAY_CONTEXT_MAX_ENTRIES: z.coerce
    .number()
    .int()
    .positive()
    .default(1_000_000)
    .describe("Most entries in a context archive"),
  SLIPWAY_CONTEXT_MAX_RATIO: seconds(200).describe("Largest ratio of unpacked to packed context size"),
  SLIPWAY_SOURCE_HOSTS: WordList.default([]).describe(
    "Private hosts that sources may come from, comma-separated, `name` or `name:port`; public ones need not be named",
  ),
  SLIPWAY_SSH_KEY: z
    .string()
    .optional()
    .describe(
      "Private key for sources by ssh, without a passphrase; line ends may be written `\\n`. A Key Vault reference in Azure",
    ),
  SLIPWAY_SSH_KEY_FILE: AbsolutePath.optional().describe("The same as a file, read when a run starts"),
  SLIPWAY_SSH_KNOWN_HOSTS: z
    .string()
    .optional()
    .describe(
      "The hosts that may see the key, each with its own key: lines of known_hosts, as `ssh-keyscan` prints them",
    ),
  SLIPWAY_SSH_KNOWN_HOSTS_FILE: AbsolutePath.optional().describe("The same as a file, read when a run starts"),
  SLIPWAY_STEP_RIGHTS: WordList.pipe(z.array(StepRight))
    .default([])
    .describe(
      "What steps of task files may do beyond their own container, comma-separated: `socket` (the engine's socket, for pack and docker in steps), `privileged`, `host-network`. Each of them gives a step the machine that builds",
    ),
  SLIPWAY_STEP_MAX_PROCESSES: z.coerce
    .number()
    .int()
    .positive()
    .default(4096)
    .describe("Processes that one container of a step may have at once"),
  SLIPWAY_CACHE: z.enum(["on", "off"]).default("on").describe("Layer cache in the registry"),
})
export type Settings = z.infer<typeof Settings>

const ORDERED: readonly [keyof Settings, keyof Settings][] = [
  ["SLIPWAY_TIMEOUT_MIN_SECONDS", "SLIPWAY_TIMEOUT_DEFAULT_SECONDS"],
  ["SLIPWAY_TIMEOUT_DEFAULT_SECONDS", "SLIPWAY_TIMEOUT_MAX_SECONDS"],
  ["SLIPWAY_HEARTBEAT_SECONDS", "SLIPWAY_HEARTBEAT_TIMEOUT_SECONDS"],
]

/** What no setting can know of itself. */
const CheckedSettings = Settings.superRefine((settings, context) => {
  for (const [smaller, larger] of ORDERED) {
    if (Number(settings[smaller]) > Number(settings[larger])) {
      context.addIssue({ code: "custom", path: [smaller], message: `must not be larger than ${larger}` })
    }
  }
  if (settings.SLIPWAY_LAUNCHER === "process" && settings.SLIPWAY_LAUNCHER_SOCKET === undefined) {
    context.addIssue({
      code: "custom",
      path: ["SLIPWAY_LAUNCHER_SOCKET"],
      message: "must name the socket of the process launcher",
    })
  }
  for (const name of ["SLIPWAY_SSH_KEY", "SLIPWAY_SSH_KNOWN_HOSTS"] as const) {
    if (settings[name] !== undefined && settings[`${name}_FILE`] !== undefined) {
      context.addIssue({ code: "custom", path: [name], message: `must not be set beside ${name}_FILE: one of them` })
    }
  }
  const key = settings.SLIPWAY_SSH_KEY === undefined ? undefined : readPrivateKey(settings.SLIPWAY_SSH_KEY)
  if (key?.ok === false) context.addIssue({ code: "custom", path: ["SLIPWAY_SSH_KEY"], message: key.problem })
  if (settings.SlipwayServiceBus === undefined && settings.SlipwayServiceBus__fullyQualifiedNamespace === undefined) {
    context.addIssue({
      code: "custom",
      path: ["SlipwayServiceBus__fullyQualifiedNamespace"],
      message: "must be set, or SlipwayServiceBus with a connection string",
    })
  }
})

/** Parses the environment. Errors: one that lists every wrong or missing setting, so that one look mends them all. */
export function readSettings(env: Record<string, string | undefined> = process.env): Settings {
  const result = CheckedSettings.safeParse(env)
  if (result.success) return result.data
  throw new Error(
    `The settings are not usable:\n  ${problemsOf(result.error).join("\n  ")}\nSee the settings table in README.md.`,
  )
}
