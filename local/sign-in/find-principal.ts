import { type Answer, oauthError } from "./answer.ts"
import { type FailureLimit, isSameSecret } from "./check-secret.ts"
import type { Principal, SignInConfig } from "./sign-in-config.ts"

export type Credentials = { kind: Principal["kind"] | "any"; id: string; secret: string; clientAddress: string }
export type Checked = { ok: true; principal: Principal } | { ok: false; answer: Answer }

/** Who this is, or the answer that says what is wrong. Ids compare case-insensitively, as Entra's do. */
export function findPrincipal(
  deps: { config: Pick<SignInConfig, "principals">; limit: FailureLimit },
  given: Credentials,
): Checked {
  const key = `${given.clientAddress}|${given.id.toLowerCase()}`
  const wait = deps.limit.waitSeconds(key)
  if (wait > 0) {
    const text = `Too many wrong secrets for this sign-in. Try again in ${wait} seconds.`
    return { ok: false, answer: oauthError(429, "temporarily_unavailable", text, { "retry-after": String(wait) }) }
  }
  const candidates = deps.config.principals.filter(
    ({ kind, id }) => (given.kind === "any" || kind === given.kind) && id.toLowerCase() === given.id.toLowerCase(),
  )
  // Something is compared even when nobody has that id: the time must not tell which ids exist.
  const principal = candidates.find(({ secret }) => isSameSecret(given.secret, secret))
  if (candidates.length === 0) isSameSecret(given.secret, "")
  if (principal !== undefined && principal.secret !== "") return { ok: true, principal }
  deps.limit.recordFailure(key)
  return { ok: false, answer: refuse(given.kind) }
}

function refuse(kind: Credentials["kind"]): Answer {
  // 401, not 400: MSAL answers a repeated request from its cache for a minute after a 400 (az-cli.md 2.1).
  const hint = "The sign-ins of this stack are those of its data folder: source its env.sh to use them."
  return kind === "user"
    ? oauthError(401, "invalid_grant", `The user name or the password is wrong. ${hint}`)
    : oauthError(401, "invalid_client", `The client id or the client secret is wrong. ${hint}`)
}
