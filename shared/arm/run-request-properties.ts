import { z } from "zod"

const caseless = <const Values extends readonly [string, ...string[]]>(values: Values) =>
  z.string().refine((text) => values.some((value) => value.toLowerCase() === text.toLowerCase()), {
    message: `must be one of ${values.join(", ")}`,
  })

/** `PlatformProperties`. Enums compare without case and are echoed as sent (`arm-contract` 3). */
export const PlatformProperties = z.object({
  os: caseless(["Windows", "Linux"]),
  architecture: caseless(["amd64", "x86", "386", "arm", "arm64"]).optional(),
  variant: caseless(["v6", "v7", "v8"]).optional(),
})

/** They travel as the environment of a process, where Linux takes 128 KiB in one string and some MiB in all; masking reads each. */
const MAX_VALUE_BYTES = 64 * 1024
const MAX_ARGUMENTS_BYTES = 1024 * 1024

/** `Argument`, `SetValue`. */
const ArgumentProperties = z.object({
  name: z
    .string()
    .max(1024)
    .regex(/^[^=\0]+$/, "must be a name without '='"),
  value: z
    .string()
    .refine((text) => !text.includes("\0"), "must not hold a zero byte")
    .refine((text) => Buffer.byteLength(text) <= MAX_VALUE_BYTES, `must not be larger than ${MAX_VALUE_BYTES} bytes`),
  isSecret: z.boolean().default(false),
})

export const ArgumentList = z
  .array(ArgumentProperties)
  .max(1_000)
  .refine(
    (all) => all.reduce((bytes, { value }) => bytes + Buffer.byteLength(value), 0) <= MAX_ARGUMENTS_BYTES,
    `must not hold more than ${MAX_ARGUMENTS_BYTES} bytes of values in all`,
  )
  .default([])

/** `SecretObject`: a literal, or the URL of a Key Vault secret. */
const SecretObject = z.object({
  value: z.string().optional(),
  type: caseless(["Opaque", "Vaultsecret"]).default("Opaque"),
})

/** `Credentials`: how the run signs in to registries. */
const CredentialsProperties = z.object({
  sourceRegistry: z.object({ loginMode: caseless(["None", "Default"]).optional() }).optional(),
  customRegistries: z
    .record(
      z.string(),
      z.object({
        userName: SecretObject.optional(),
        password: SecretObject.optional(),
        identity: z.string().optional(),
      }),
    )
    .optional(),
})
export type CredentialsProperties = z.infer<typeof CredentialsProperties>

/** What all run requests share (`arm-contract` 12), limits of `timeout` aside: those are settings. Unknown properties are ignored. */
export const RunRequestProperties = z.object({
  isArchiveEnabled: z.boolean().default(false),
  agentPoolName: z.string().optional(),
  logTemplate: z.string().optional(),
  timeout: z.number().int().optional(),
  platform: PlatformProperties,
  agentConfiguration: z.object({ cpu: z.number().int().min(1).optional() }).optional(),
  sourceLocation: z.string().optional(),
  credentials: CredentialsProperties.optional(),
})
export type RunRequestProperties = z.infer<typeof RunRequestProperties>
