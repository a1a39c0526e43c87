import { z } from "zod"

/**
 * A secret that is kept elsewhere: one of a Key Vault, or the right of a managed identity to sign in to a registry. `clientId` names
 * the identity that may have it; empty: the system's own.
 */
export const SecretLocation = z.discriminatedUnion("type", [
  z.object({ type: z.literal("vault"), url: z.string().max(2048), clientId: z.string().max(64) }),
  z.object({ type: z.literal("registry"), loginServer: z.string().max(259), clientId: z.string().max(64) }),
])
export type SecretLocation = z.infer<typeof SecretLocation>

/** `message`: one line for the user that says what to mend, without any value. */
export const SecretAnswer = z.discriminatedUnion("ok", [
  z.object({ ok: z.literal(true), value: z.string().min(1) }),
  z.object({ ok: z.literal(false), message: z.string() }),
])
export type SecretAnswer = z.infer<typeof SecretAnswer>

/**
 * The one way to secrets that are kept elsewhere. Only the service, and a user's own machine, may stand behind it: a builder has no
 * identity, so it asks the service. Of a registry it gives the password; the user is {@link IDENTITY_USER}. Whoever asks masks the
 * value. Errors: what no user can mend; the signal's reason.
 */
export type SecretSource = { read(location: SecretLocation, signal: AbortSignal): Promise<SecretAnswer> }

/** Whom ACR takes a token for in place of a password (task-file 7.6). */
export const IDENTITY_USER = "00000000-0000-0000-0000-000000000000"
