import { z } from "zod"
import { LoginReference, Platform } from "../builders/run-spec.ts"
import { RemoteSource, RunWork } from "../builders/run-work.ts"

/**
 * What a run was asked to do, normalised: there is one kind of run inside, whatever the request's type (contracts,
 * "Builders"). It may hold secrets and be large, so it is stored as an encrypted blob, never in the table.
 */
export const RunRequest = z.object({
  v: z.literal(2),
  work: RunWork,
  source: z.discriminatedUnion("type", [
    z.object({ type: z.literal("none") }),
    z.object({
      type: z.literal("upload"),
      /** Path that `listBuildSourceUploadUrl` gave out. */
      path: z.string(),
      /** ETag of the upload when the run was asked for. */
      version: z.string().optional(),
    }),
    RemoteSource,
  ]),
  platform: Platform,
  timeoutSeconds: z.number().int().positive(),
  /** False when the request said `sourceRegistry.loginMode: None`. */
  isSourceRegistryLoginEnabled: z.boolean(),
  customLogins: z.array(LoginReference),
  cpu: z.number().int().optional(),
  isArchiveEnabled: z.boolean(),
})
export type RunRequest = z.infer<typeof RunRequest>
