import { z } from "zod"
import { SignInConfig } from "../sign-in/sign-in-config.ts"

const Port = z.number().int().min(0).max(65535)

export const FrontConfig = z.object({
  host: z.string(),
  /** 0: any free one, for tests. */
  port: Port,
  /** Where the parts behind the front are reached. */
  upstreamHost: z.string().default("127.0.0.1"),
  hostPort: Port,
  blobPort: Port,
  /** First path segment of blob URLs; contains `.blob.` (az-cli.md 6.3). */
  storageAccount: z.string(),
  /** The registry's login server is a port of the front too; behind it the registry listens on a Unix socket. */
  registry: z.object({ port: Port, socketPath: z.string() }).optional(),
  certFile: z.string(),
  keyFile: z.string(),
  signIn: SignInConfig.omit({ publicUrl: true }),
  /** How long a request is held while what is behind the front starts again. */
  holdMs: z.number().int().nonnegative().default(10_000),
})
export type FrontConfig = z.infer<typeof FrontConfig>
