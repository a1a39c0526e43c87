import { z } from "zod"
import { StackState } from "../stack-state.ts"

/** What the authority must know; part of the front's configuration, whose process it lives in. */
export const SignInConfig = z.object({
  /** `https://localhost:<port>`, without a trailing slash: the front's own address as clients name it. */
  publicUrl: z.url(),
  /** Keys that must survive a restart; only its user may read it. */
  folder: z.string(),
  tenantId: z.uuid(),
  principals: StackState.shape.principals,
  registry: z.object({
    /** `host:port`; also the `service` of the registry's token challenge. */
    loginServer: z.string(),
    userName: z.string(),
    password: z.string(),
  }),
  /** Shortest time between two polls of a device sign-in. */
  devicePollSeconds: z.number().positive().default(2),
  accessTokenSeconds: z.number().int().positive().default(3600),
})
export type SignInConfig = z.infer<typeof SignInConfig>
export type Principal = SignInConfig["principals"][number]
export type Role = Principal["roles"][number]

/** The `iss` of every token. Ends in `/adfs`, which makes MSAL skip its look-up of Microsoft's login host (az-cli.md 2.1). */
export function issuerOf(publicUrl: string): string {
  return `${publicUrl}/adfs`
}

/**
 * The audience of tokens for nothing but the registry. Newer az asks for one before `/oauth2/exchange` (2.91,
 * acr/_docker_utils.py), older az uses its token for the service. The service itself refuses it.
 */
export const REGISTRY_AUDIENCE = "https://containerregistry.azure.net"

/** The one audience that tokens for the service have, whatever number of slashes the client asked with. */
export function audienceOf(publicUrl: string): string {
  return `${publicUrl}/`
}
