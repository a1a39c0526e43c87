import { jwtVerify, SignJWT } from "jose"
import { z } from "zod"
import { AppError } from "../errors.ts"

const ISSUER = "slipway"
const AUDIENCE = "slipway-builder"

/** What a run token opens: one attempt of one run, until it expires. */
const RunTokenClaims = z.object({ registry: z.string(), runId: z.string(), attempt: z.number().int().min(1) })
export type RunTokenClaims = z.infer<typeof RunTokenClaims>

/** Signs the token that one builder gets (architecture, decision 6). HS256 under a key derived for this purpose only. */
export function signRunToken(key: Buffer, claims: RunTokenClaims, expiresAt: Date): Promise<string> {
  return new SignJWT(claims)
    .setProtectedHeader({ alg: "HS256" })
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setIssuedAt()
    .setExpirationTime(expiresAt)
    .sign(key)
}

/** Errors: `AuthenticationFailed` for anything that is not a valid token for this very run. */
export async function verifyRunToken(
  key: Buffer,
  token: string | undefined,
  run: { registry: string; runId: string },
): Promise<RunTokenClaims> {
  const refused = (cause?: unknown) =>
    new AppError("AuthenticationFailed", "This is not a valid token for this run.", { cause })
  if (token === undefined) throw refused()
  try {
    const { payload } = await jwtVerify(token, key, { issuer: ISSUER, audience: AUDIENCE, algorithms: ["HS256"] })
    const claims = RunTokenClaims.parse(payload)
    if (claims.registry === run.registry && claims.runId === run.runId) return claims
  } catch (error) {
    throw refused(error)
  }
  throw refused()
}
