import { type Answer, json } from "./answer.ts"
import { issuerOf } from "./sign-in-config.ts"
import type { SigningKey } from "./signing-key.ts"

/** The public keys that our tokens verify with (RFC 7517 5). */
export function keySet(key: SigningKey): Answer {
  return json(200, { keys: [key.publicJwk] }, { "cache-control": "public, max-age=300" })
}

/**
 * OpenID Connect Discovery 1.0, 4.2. `base` is `/adfs`, or `/<tenant>` for newer az with `core.instance_discovery=false`;
 * the tokens and their issuer are the same.
 */
export function discovery(publicUrl: string, base: string): Answer {
  const at = (path: string) => `${publicUrl}${base}${path}`
  return json(
    200,
    {
      issuer: issuerOf(publicUrl),
      authorization_endpoint: at("/oauth2/authorize"),
      token_endpoint: at("/oauth2/token"),
      device_authorization_endpoint: at("/oauth2/devicecode"),
      jwks_uri: `${publicUrl}/adfs/discovery/keys`,
      response_types_supported: ["code"],
      subject_types_supported: ["public"],
      id_token_signing_alg_values_supported: ["RS256"],
      token_endpoint_auth_methods_supported: ["client_secret_post", "client_secret_basic"],
      grant_types_supported: [
        "client_credentials",
        "password",
        "refresh_token",
        "urn:ietf:params:oauth:grant-type:device_code",
      ],
      scopes_supported: ["openid", "profile", "offline_access", `${publicUrl}/.default`],
    },
    { "cache-control": "public, max-age=300" },
  )
}
