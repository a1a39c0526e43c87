import { randomUUID } from "node:crypto"
import { readFile } from "node:fs/promises"
import { type CryptoKey, importPKCS8, jwtVerify, SignJWT } from "jose"
import { secretFingerprint } from "./check-secret.ts"
import { objectIdOf, type TokenDeps } from "./issue-tokens.ts"
import type { RegistryAccess } from "./registry-scope.ts"
import { audienceOf, issuerOf, type Principal, REGISTRY_AUDIENCE } from "./sign-in-config.ts"

/** As ACR: three hours, enough for a build that pushes at its end. */
const REFRESH_SECONDS = 3 * 3600
const ACCESS_SECONDS = 3600
const REFRESH_TYPE = "registry-refresh+jwt"

export type RegistrySigner = { privateKey: CryptoKey; certificate: string }
export type RegistryTokenDeps = TokenDeps & { signer: RegistrySigner }

/** The `iss` of the registry's access tokens; its configuration names the same. */
export function registryIssuerOf(publicUrl: string): string {
  return `${publicUrl}/oauth2`
}

/** Reads what `ensureSigningCertificate` has made. */
export async function readRegistrySigner(files: { certFile: string; keyFile: string }): Promise<RegistrySigner> {
  const certificate = (await readFile(files.certFile, "utf8")).replace(/-----[A-Z ]+-----|\s/g, "")
  return { privateKey: await importPKCS8(await readFile(files.keyFile, "utf8"), "ES256"), certificate }
}

/** An access token for the CNCF registry: it trusts the certificate in `x5c`, which is its `rootcertbundle`. */
export async function issueRegistryAccessToken(
  deps: RegistryTokenDeps,
  subject: string,
  access: RegistryAccess[],
): Promise<{ token: string; expiresInSeconds: number; issuedAt: Date }> {
  const now = deps.now?.() ?? new Date()
  const issuedAt = Math.floor(now.getTime() / 1000)
  const token = await new SignJWT({ access })
    .setProtectedHeader({ alg: "ES256", typ: "JWT", x5c: [deps.signer.certificate] })
    .setIssuer(registryIssuerOf(deps.config.publicUrl))
    .setAudience(deps.config.registry.loginServer)
    .setSubject(subject)
    .setIssuedAt(issuedAt)
    .setNotBefore(issuedAt)
    .setExpirationTime(issuedAt + ACCESS_SECONDS)
    .setJti(randomUUID())
    .sign(deps.signer.privateKey)
  return { token, expiresInSeconds: ACCESS_SECONDS, issuedAt: now }
}

/** What `/oauth2/exchange` gives: docker keeps it as the password of the user 00000000-0000-0000-0000-000000000000. */
export async function issueRegistryRefreshToken(deps: TokenDeps, principal: Principal): Promise<string> {
  const issuedAt = Math.floor((deps.now?.() ?? new Date()).getTime() / 1000)
  return new SignJWT({ grant_type: "refresh_token", proof: secretFingerprint(principal), roles: principal.roles })
    .setProtectedHeader({ alg: "RS256", typ: REFRESH_TYPE, kid: deps.key.kid })
    .setIssuer(registryIssuerOf(deps.config.publicUrl))
    .setAudience(deps.config.registry.loginServer)
    .setSubject(principal.id)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + REFRESH_SECONDS)
    .setJti(randomUUID())
    .sign(deps.key.privateKey)
}

/** Whose refresh token this is, while the principal still has the secret that it was given for. */
export async function readRegistryRefreshToken(deps: TokenDeps, token: string): Promise<Principal | undefined> {
  const payload = await verified(deps, token, {
    issuer: registryIssuerOf(deps.config.publicUrl),
    audience: deps.config.registry.loginServer,
    typ: REFRESH_TYPE,
  })
  return deps.config.principals.find(
    (one) => payload !== undefined && one.id === payload.sub && secretFingerprint(one) === payload.proof,
  )
}

/** Whose access token this is, for the service or for the registry alone: signature, issuer, audience and lifetime hold. */
export async function readAccessToken(deps: TokenDeps, token: string): Promise<Principal | undefined> {
  const { publicUrl, principals, tenantId } = deps.config
  const payload = await verified(deps, token, {
    issuer: issuerOf(publicUrl),
    audience: [audienceOf(publicUrl), REGISTRY_AUDIENCE],
    typ: "JWT",
  })
  return principals.find((one) => payload !== undefined && payload.oid === objectIdOf(tenantId, one))
}

async function verified(
  deps: TokenDeps,
  token: string,
  expected: { issuer: string; audience: string | string[]; typ: string },
) {
  const options = {
    ...expected,
    algorithms: ["RS256"],
    requiredClaims: ["exp"],
    currentDate: deps.now?.() ?? new Date(),
  }
  return jwtVerify(token, deps.key.publicKey, options).then(
    ({ payload }) => payload,
    () => undefined,
  )
}
