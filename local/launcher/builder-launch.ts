import { z } from "zod"
import type { BuilderLaunch } from "../../shared/builders/launcher.ts"

/** Names become folder names, label values and paths: letters, digits, dots, dashes, and never a dot in front. */
const Name = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, "must have 1–100 letters, digits, dots or dashes")

/** Body of `POST /builders`. */
export const BuilderLaunchBody = z.object({
  name: Name,
  runId: Name,
  registryName: Name,
  attempt: z.number().int().min(1),
  runUrl: z.url(),
  runToken: z.string().min(1),
  maxLifetimeSeconds: z.number().positive(),
}) satisfies z.ZodType<BuilderLaunch>
