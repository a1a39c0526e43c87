import { z } from "zod"
import { Platform, RegistryLogin, Step } from "../builders/run-spec.ts"

/**
 * What a run was asked to do, normalised: there is one kind of run inside, whatever the request's type (contracts,
 * "Builders"). It may hold secrets and be large, so it is stored as an encrypted blob, never in the table.
 */
export const RunRequest = z.object({
  v: z.literal(1),
  steps: z.array(Step),
  /** Path that `listBuildSourceUploadUrl` gave out. */
  uploadPath: z.string().optional(),
  /** ETag of the upload when the run was asked for. */
  uploadVersion: z.string().optional(),
  platform: Platform,
  timeoutSeconds: z.number().int().positive(),
  /** False when the request said `sourceRegistry.loginMode: None`. */
  isSourceRegistryLoginEnabled: z.boolean(),
  customLogins: z.array(RegistryLogin),
  cpu: z.number().int().optional(),
  isArchiveEnabled: z.boolean(),
})
export type RunRequest = z.infer<typeof RunRequest>
