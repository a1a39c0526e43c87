import { availableParallelism } from "node:os"
import { z } from "zod"
import { RegistrySettings } from "../shared/config.ts"

const Port = z.coerce.number().int("must be a whole number").min(1).max(65535)

const Registries = z
  .string()
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text)
    } catch {
      context.addIssue({ code: "custom", message: "not valid JSON" })
      return z.NEVER
    }
  })
  .pipe(z.array(RegistrySettings))

/** Every setting of the local stack. The README's table is made from this schema. */
export const LocalSettings = z.object({
  SLIPWAY_DATA: z
    .string()
    .min(1, "must name a folder")
    .default(".slipway")
    .describe("Folder of everything that the stack keeps: state, logs, certificates, az's profile"),
  SLIPWAY_PORT: Port.optional().describe(
    "Port of the one HTTPS address (ARM, sign-in, blobs); default: the one of the last start, 8443 at first",
  ),
  SLIPWAY_HOST: z
    .enum(["127.0.0.1", "0.0.0.0"], "must be 127.0.0.1 (this machine only) or 0.0.0.0 (whoever reaches this machine)")
    .default("127.0.0.1")
    .describe(
      "Address that the HTTPS port and the registry's port listen on: 127.0.0.1, this machine only, or 0.0.0.0; every other part stays on 127.0.0.1, and URLs in answers stay localhost",
    ),
  SLIPWAY_REGISTRY_PORT: Port.optional().describe(
    "Port of the registry, chosen at the first start and kept for ever, since stored images name it; default 5000 where it is free",
  ),
  SLIPWAY_EXTRA_REGISTRIES: Registries.default([]).describe(
    "JSON array of further registries that runs may push to, beside the stack's own; fields as in SLIPWAY_REGISTRIES",
  ),
  SLIPWAY_ENGINE_KIND: z
    .enum(["auto", "docker", "podman", "private"])
    .default("auto")
    .describe("Container engine: what answers first, one by name, or a Docker Engine of the stack's own"),
  SLIPWAY_MAX_BUILDERS: z.coerce
    .number()
    .int("must be a whole number")
    .min(1)
    .default(availableParallelism() * 2)
    .describe("Builders that may run at once; default: twice the number of processor cores"),
  SLIPWAY_START_TIMEOUT_SECONDS: z.coerce
    .number()
    .positive()
    .default(30)
    .describe("A part that does not answer within this time after its start counts as failed"),
})
export type LocalSettings = z.infer<typeof LocalSettings>
