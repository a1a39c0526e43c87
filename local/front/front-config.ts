import { z } from "zod"
import { SignInConfig } from "../sign-in/sign-in-config.ts"

const Port = z.number().int().min(0).max(65535)

export const FrontConfig = z.object({
  host: z.string(),
  /** 0: any free one, for tests. */
  port: Port,
  hostPort: Port,
  blobPort: Port,
  /** First path segment of blob URLs; contains `.blob.` (az-cli.md 6.3). */
  storageAccount: z.string(),
  certFile: z.string(),
  keyFile: z.string(),
  signIn: SignInConfig.omit({ publicUrl: true }),
  /** How long a request is held while what is behind the front starts again. */
  holdMs: z.number().int().nonnegative().default(10_000),
})
export type FrontConfig = z.infer<typeof FrontConfig>
