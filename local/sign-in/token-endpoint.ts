import { type Answer, json, oauthError, type SignInRequest } from "./answer.ts"
import type { FailureLimit } from "./check-secret.ts"
import type { DeviceCodes } from "./device-codes.ts"
import { findPrincipal } from "./find-principal.ts"
import {
  issueAccessToken,
  issueIdToken,
  issueRefreshToken,
  objectIdOf,
  readRefreshToken,
  type TokenDeps,
} from "./issue-tokens.ts"
import { readBasic } from "./read-basic.ts"
import { readResource } from "./read-resource.ts"
import type { Principal } from "./sign-in-config.ts"

const DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"

export type TokenEndpointDeps = TokenDeps & { codes: DeviceCodes; limit: FailureLimit }

/** `POST /adfs/oauth2/token`: the four grants that az uses (az-cli.md 2.1). */
export async function tokenEndpoint(deps: TokenEndpointDeps, request: SignInRequest): Promise<Answer> {
  const { form, clientAddress } = request
  const clientId = form.get("client_id") ?? readBasic(request.authorization)?.userName ?? ""
  const grant = form.get("grant_type")
  if (grant === "client_credentials") {
    const resource = readResource(form, deps.config.publicUrl)
    if (!resource.ok) return resource.answer
    const secret = form.get("client_secret") ?? readBasic(request.authorization)?.password ?? ""
    const checked = findPrincipal(deps, { kind: "servicePrincipal", id: clientId, secret, clientAddress })
    if (!checked.ok) return checked.answer
    const token = await issueAccessToken(deps, checked.principal, resource.audience)
    return json(200, bearer(deps, token))
  }
  if (grant === "password") {
    const [id, secret] = [form.get("username") ?? "", form.get("password") ?? ""]
    const checked = findPrincipal(deps, { kind: "user", id, secret, clientAddress })
    return checked.ok ? answerUser(deps, request, checked.principal, clientId, form) : checked.answer
  }
  if (grant === "refresh_token") {
    const principal = await readRefreshToken(deps, form.get("refresh_token") ?? "", clientId)
    if (principal !== undefined) return answerUser(deps, request, principal, clientId, form)
    return oauthError(400, "invalid_grant", "This sign-in is over or not of this stack. Sign in again: az login")
  }
  if (grant === DEVICE_GRANT) return pollDevice(deps, request, clientId)
  const known = `client_credentials, password, refresh_token, ${DEVICE_GRANT}`
  return oauthError(400, "unsupported_grant_type", `Use one of the grants ${known}.`)
}

/** `POST /adfs/oauth2/devicecode` (RFC 8628 3.1). */
export function deviceAuthorization(deps: TokenEndpointDeps, request: SignInRequest): Answer {
  const clientId = request.form.get("client_id") ?? ""
  if (clientId === "") return oauthError(400, "invalid_request", "client_id is missing.")
  const resource = readResource(request.form, deps.config.publicUrl)
  if (!resource.ok) return resource.answer
  const started = deps.codes.start(clientId, request.form.get("scope") ?? resource.scope)
  const uri = `${deps.config.publicUrl}/adfs/device`
  return json(200, {
    device_code: started.deviceCode,
    user_code: started.userCode,
    verification_uri: uri,
    verification_uri_complete: `${uri}?user_code=${started.userCode}`,
    expires_in: started.expiresInSeconds,
    interval: started.intervalSeconds,
    message: `To sign in, open the page ${uri} in a web browser and enter the code ${started.userCode} with your user name and password.`,
  })
}

async function pollDevice(deps: TokenEndpointDeps, request: SignInRequest, clientId: string): Promise<Answer> {
  const polled = deps.codes.poll(request.form.get("device_code") ?? request.form.get("code") ?? "", clientId)
  if (polled.state === "approved") {
    return answerUser(deps, request, polled.principal, clientId, new URLSearchParams({ scope: polled.scope }))
  }
  if (polled.state === "pending") return oauthError(400, "authorization_pending", "The person has not signed in yet.")
  if (polled.state === "slow_down")
    return oauthError(400, "slow_down", "Asked too often; wait longer between two polls.")
  if (polled.state === "expired") return oauthError(400, "expired_token", "The code is over. Start again: az login")
  return oauthError(400, "invalid_grant", "This device code is not known here. Start again: az login")
}

/** People get an id token (MSAL keeps its account) and a refresh token besides the access token. */
async function answerUser(
  deps: TokenEndpointDeps,
  request: SignInRequest,
  principal: Principal,
  clientId: string,
  asked: URLSearchParams,
): Promise<Answer> {
  const resource = readResource(asked, deps.config.publicUrl)
  if (!resource.ok) return resource.answer
  const access = await issueAccessToken(deps, principal, resource.audience)
  const isAdfs = request.path.startsWith("/adfs/")
  return json(200, {
    ...bearer(deps, access),
    scope: resource.scope,
    id_token: await issueIdToken(deps, principal, clientId),
    refresh_token: await issueRefreshToken(deps, principal, clientId),
    // Entra's form of the account's id; an ADFS authority has none, and MSAL then takes it from the id token.
    ...(isAdfs ? {} : { client_info: clientInfo(deps.config.tenantId, principal) }),
  })
}

function bearer(deps: TokenDeps, token: string) {
  return { token_type: "Bearer", expires_in: deps.config.accessTokenSeconds, access_token: token }
}

function clientInfo(tenantId: string, principal: Principal): string {
  const info = { uid: objectIdOf(tenantId, principal), utid: tenantId }
  return Buffer.from(JSON.stringify(info)).toString("base64url")
}
