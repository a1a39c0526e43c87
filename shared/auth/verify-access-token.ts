import { createRemoteJWKSet, errors, type JWTVerifyGetKey, jwtVerify } from "jose"
import { z } from "zod"
import { AppError } from "../errors.ts"
import { type Principal, ROLES } from "./principal.ts"

const Discovery = z.object({ issuer: z.string(), jwks_uri: z.url() })
const Claims = z.object({
  sub: z.string(),
  oid: z.string().optional(),
  roles: z.array(z.string()).default([]),
})

/** Errors that are the token's; any other (no answer, an answer that is none) is the authority's. */
const TOKEN_FAULTS = [
  errors.JWTExpired,
  errors.JWTClaimValidationFailed,
  errors.JWTInvalid,
  errors.JWSInvalid,
  errors.JWSSignatureVerificationFailed,
  errors.JOSEAlgNotAllowed,
  errors.JOSENotSupported,
  errors.JWKSNoMatchingKey,
  z.ZodError,
]

const CLOCK_TOLERANCE_SECONDS = 60
const DISCOVERY_TIMEOUT_MS = 5_000

export type VerifierConfig = { issuer: string; audiences: readonly string[] }

/**
 * Verifies bearer tokens of one OIDC issuer: signature by the keys of its discovery document, issuer, audience, expiry.
 * The same in Azure (Entra ID) and locally (the embedded authority). Keys are fetched with the first token and cached.
 * The returned function's errors: `AuthenticationFailed`; `StorageUnavailable` (retryable) while the issuer is out of reach.
 */
export function createTokenVerifier(config: VerifierConfig): (authorization: string | undefined) => Promise<Principal> {
  let keys: Promise<JWTVerifyGetKey> | undefined
  const audiences = config.audiences.flatMap(spellings)

  return async (authorization) => {
    const token = /^Bearer +([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(authorization ?? "")?.[1]
    if (token === undefined) {
      throw new AppError(
        "AuthenticationFailed",
        "Authentication failed. The 'Authorization' header is missing or holds no bearer token.",
      )
    }
    keys ??= discover(config.issuer)
    let getKey: JWTVerifyGetKey
    try {
      getKey = await keys
    } catch (cause) {
      keys = undefined
      throw unreachable(cause)
    }
    try {
      const { payload } = await jwtVerify(token, getKey, {
        issuer: config.issuer,
        audience: audiences,
        algorithms: ["RS256", "ES256"],
        clockTolerance: CLOCK_TOLERANCE_SECONDS,
        requiredClaims: ["exp", "sub"],
      })
      const { sub, oid, roles } = Claims.parse(payload)
      return { id: oid ?? sub, roles: ROLES.filter((role) => roles.includes(role)) }
    } catch (cause) {
      if (!TOKEN_FAULTS.some((Fault) => cause instanceof Fault)) throw unreachable(cause)
      throw new AppError("AuthenticationFailed", `Authentication failed. ${reasonOf(cause)} Sign in again.`, { cause })
    }
  }
}

async function discover(issuer: string): Promise<JWTVerifyGetKey> {
  const url = `${issuer.replace(/\/+$/, "")}/.well-known/openid-configuration`
  const answer = await fetch(url, { signal: AbortSignal.timeout(DISCOVERY_TIMEOUT_MS) })
  if (!answer.ok) throw new Error(`${url} answers ${answer.status}`)
  const document = Discovery.parse(await answer.json())
  if (document.issuer !== issuer) throw new Error(`${url} speaks for the issuer ${document.issuer}`)
  return createRemoteJWKSet(new URL(document.jwks_uri), { timeoutDuration: DISCOVERY_TIMEOUT_MS })
}

/** Clients ask for `<resource>/.default`; a resource written with or without a final slash is the same one (az-cli 2.1). */
function spellings(audience: string): string[] {
  const bare = audience.replace(/\/+$/, "")
  return [bare, `${bare}/`]
}

function reasonOf(error: unknown): string {
  if (error instanceof errors.JWTExpired) return "The token has expired."
  if (error instanceof errors.JWTClaimValidationFailed)
    return `The token's claim '${error.claim}' is not the one expected here.`
  return "The token is not valid here."
}

function unreachable(cause: unknown): AppError {
  return new AppError("StorageUnavailable", "The sign-in authority does not answer; try again in a moment.", {
    isRetryable: true,
    cause,
  })
}
