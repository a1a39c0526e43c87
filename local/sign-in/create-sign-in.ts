// The sign-in authority and the registry's token service.
//
// Stands in for: Microsoft Entra ID as az, MSAL and the SDKs use it (discovery, keys, client credentials, user name and
// password, device code, refresh tokens) in the shape of an ADFS authority, which az accepts without asking Microsoft's
// login host; and for Azure Container Registry's /oauth2/exchange and /oauth2/token.
// Leaves out: the authorization-code flow (a browser sign-in: use --use-device-code), user info, sign-out, consent,
// several tenants, certificates as client secrets, managed identity, conditional access.
import path from "node:path"
import { ensureSigningCertificate } from "../tls/ensure-certificates.ts"
import { type Answer, json, oauthError, type SignInRequest } from "./answer.ts"
import { createFailureLimit } from "./check-secret.ts"
import { createDeviceCodes } from "./device-codes.ts"
import { devicePage } from "./device-page.ts"
import { discovery, keySet } from "./discovery.ts"
import { exchangeToken, registryToken } from "./registry-endpoints.ts"
import { readRegistrySigner } from "./registry-tokens.ts"
import type { SignInConfig } from "./sign-in-config.ts"
import { ensureSigningKey } from "./signing-key.ts"
import { deviceAuthorization, tokenEndpoint } from "./token-endpoint.ts"

type Route = (request: SignInRequest) => Answer | Promise<Answer>

/** The folder's files that the registry is told of: it trusts tokens signed with this certificate's key. */
export function registryTokenCertificate(folder: string): Promise<{ certFile: string; keyFile: string }> {
  return ensureSigningCertificate(folder, "registry-tokens")
}

/** The authority as a function from request to answer; the front calls it for the paths that `isSignInPath` names. */
export async function createSignIn(config: SignInConfig, now?: () => Date) {
  const key = await ensureSigningKey(config.folder)
  const signer = await readRegistrySigner(await registryTokenCertificate(path.resolve(config.folder)))
  const millis = now === undefined ? undefined : () => now().getTime()
  const codes = createDeviceCodes({ pollSeconds: config.devicePollSeconds, now: millis })
  const deps = { config, key, signer, codes, limit: createFailureLimit(millis), now }

  const authority = (base: string): Record<string, Route> => ({
    [`GET ${base}/.well-known/openid-configuration`]: () => discovery(config.publicUrl, base),
    [`GET ${base}/v2.0/.well-known/openid-configuration`]: () => discovery(config.publicUrl, base),
    [`POST ${base}/oauth2/token`]: (request) => tokenEndpoint(deps, request),
    [`POST ${base}/oauth2/devicecode`]: (request) => deviceAuthorization(deps, request),
    [`GET ${base}/oauth2/authorize`]: () =>
      oauthError(400, "unsupported_response_type", "There is no browser sign-in here. Use az login --use-device-code"),
  })
  const routes: Record<string, Route> = {
    ...authority("/adfs"),
    ...authority(`/${config.tenantId}`),
    "GET /adfs/discovery/keys": () => keySet(key),
    "GET /adfs/device": (request) => devicePage(deps, request),
    "POST /adfs/device": (request) => devicePage(deps, request),
    "POST /oauth2/exchange": (request) => exchangeToken(deps, request),
    "GET /oauth2/token": (request) => registryToken(deps, request),
    "POST /oauth2/token": (request) => registryToken(deps, request),
  }

  async function answer(request: SignInRequest): Promise<Answer> {
    const method = request.method === "HEAD" ? "GET" : request.method
    const route = routes[`${method} ${request.path}`]
    if (route !== undefined) return route(request)
    const allowed = ["GET", "POST"].filter((one) => routes[`${one} ${request.path}`] !== undefined)
    if (allowed.length === 0) return json(404, { error: "not_found", error_description: "No such page here." })
    return json(405, { error: "method_not_allowed" }, { allow: allowed.join(", ") })
  }

  function isSignInPath(pathname: string): boolean {
    return ["/adfs/", "/oauth2/", `/${config.tenantId}/`].some((prefix) => pathname.startsWith(prefix))
  }

  return { answer, isSignInPath }
}
export type SignIn = Awaited<ReturnType<typeof createSignIn>>
