import { createHash, randomUUID } from "node:crypto"
import { jwtVerify, SignJWT } from "jose"
import { secretFingerprint } from "./check-secret.ts"
import { issuerOf, type Principal, type SignInConfig } from "./sign-in-config.ts"
import type { SigningKey } from "./signing-key.ts"

/** Lets `az` stay signed in for as long as Entra ID does by default. */
const REFRESH_SECONDS = 90 * 86_400
const REFRESH_TYPE = "refresh+jwt"

export type TokenDeps = { config: SignInConfig; key: SigningKey; now?: (() => Date) | undefined }

/** The access token of a principal for `audience`, with Entra's claim names (access-token claims reference, v1.0). */
export async function issueAccessToken(deps: TokenDeps, principal: Principal, audience: string): Promise<string> {
  const person = { upn: principal.id, unique_name: principal.id, idtyp: "user" }
  const application = { appid: principal.id, idtyp: "app" }
  const claims = { ...identityOf(deps.config, principal), roles: principal.roles, ver: "1.0" }
  return sign(deps, "JWT", audience, deps.config.accessTokenSeconds, {
    ...claims,
    ...(principal.kind === "user" ? person : application),
  })
}

/** The id token that MSAL wants for people: `aud` is the client that asked (OpenID Connect Core 2). */
export async function issueIdToken(deps: TokenDeps, principal: Principal, clientId: string): Promise<string> {
  return sign(deps, "JWT", clientId, deps.config.accessTokenSeconds, {
    ...identityOf(deps.config, principal),
    upn: principal.id,
    preferred_username: principal.id,
    name: principal.id,
  })
}

/** A refresh token: signed, so that nothing is stored; bound to the principal's secret, so that a new secret ends it. */
export async function issueRefreshToken(deps: TokenDeps, principal: Principal, clientId: string): Promise<string> {
  const claims = { sub: principal.id, client: clientId, proof: secretFingerprint(principal) }
  return sign(deps, REFRESH_TYPE, issuerOf(deps.config.publicUrl), REFRESH_SECONDS, claims)
}

/** Whose refresh token this is, if it is ours, not over and given to this client. */
export async function readRefreshToken(
  deps: TokenDeps,
  token: string,
  clientId: string,
): Promise<Principal | undefined> {
  const issuer = issuerOf(deps.config.publicUrl)
  const options = {
    issuer,
    audience: issuer,
    typ: REFRESH_TYPE,
    algorithms: ["RS256"],
    currentDate: deps.now?.() ?? new Date(),
  }
  const payload = await jwtVerify(token, deps.key.publicKey, options).then(
    (verified) => verified.payload,
    () => undefined,
  )
  if (payload === undefined || payload.client !== clientId) return undefined
  return deps.config.principals.find((one) => one.id === payload.sub && secretFingerprint(one) === payload.proof)
}

/** The principal's object id: the same at every start without being stored. */
export function objectIdOf(tenantId: string, principal: Pick<Principal, "kind" | "id">): string {
  const hash = createHash("sha256").update(`${tenantId}/${principal.kind}/${principal.id.toLowerCase()}`).digest()
  // Version 8, variant 10 (RFC 9562 5.8): a value of our own making.
  hash.writeUInt8((hash.readUInt8(6) & 0x0f) | 0x80, 6)
  hash.writeUInt8((hash.readUInt8(8) & 0x3f) | 0x80, 8)
  const hex = hash.subarray(0, 16).toString("hex")
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5")
}

function identityOf(config: SignInConfig, principal: Principal) {
  const oid = objectIdOf(config.tenantId, principal)
  return { tid: config.tenantId, oid, sub: oid }
}

async function sign(
  deps: TokenDeps,
  typ: string,
  audience: string,
  seconds: number,
  claims: Record<string, unknown>,
): Promise<string> {
  const issuedAt = Math.floor((deps.now?.() ?? new Date()).getTime() / 1000)
  return new SignJWT(claims)
    .setProtectedHeader({ alg: "RS256", typ, kid: deps.key.kid })
    .setIssuer(issuerOf(deps.config.publicUrl))
    .setAudience(audience)
    .setIssuedAt(issuedAt)
    .setNotBefore(issuedAt)
    .setExpirationTime(issuedAt + seconds)
    .setJti(randomUUID())
    .sign(deps.key.privateKey)
}
