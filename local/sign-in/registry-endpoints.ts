import { type Answer, json, oauthError, type SignInRequest } from "./answer.ts"
import type { FailureLimit } from "./check-secret.ts"
import { findPrincipal } from "./find-principal.ts"
import { readBasic } from "./read-basic.ts"
import { grantAccess } from "./registry-scope.ts"
import {
  issueRegistryAccessToken,
  issueRegistryRefreshToken,
  type RegistryTokenDeps,
  readAccessToken,
  readRegistryRefreshToken,
} from "./registry-tokens.ts"
import type { Role } from "./sign-in-config.ts"

/** The user name under which docker stores a registry refresh token (ACR, "az acr login"). */
export const TOKEN_USER = "00000000-0000-0000-0000-000000000000"

export type RegistryEndpointDeps = RegistryTokenDeps & { limit: FailureLimit }
type Who = { ok: true; subject: string; roles: Role[] } | { ok: false; answer: Answer }

/** `POST /oauth2/exchange`: a token for the service, or for the registry, becomes a registry refresh token (ACR's AAD-OAuth document). */
export async function exchangeToken(deps: RegistryEndpointDeps, request: SignInRequest): Promise<Answer> {
  const { form } = request
  if (form.get("grant_type") !== "access_token") {
    return oauthError(400, "unsupported_grant_type", "Send grant_type=access_token, service and access_token.")
  }
  const wrongService = checkService(deps, form.get("service"))
  if (wrongService !== undefined) return wrongService
  const principal = await readAccessToken(deps, form.get("access_token") ?? "")
  if (principal === undefined) {
    return oauthError(401, "invalid_grant", "The access token is not of this stack or is over. Sign in again: az login")
  }
  return json(200, { refresh_token: await issueRegistryRefreshToken(deps, principal) })
}

/**
 * `GET /oauth2/token` with Basic (docker, podman) and `POST /oauth2/token` (BuildKit, containerd, az). Nobody gets a token
 * without credentials. Source: https://distribution.github.io/distribution/spec/auth/token/ and …/oauth/
 */
export async function registryToken(deps: RegistryEndpointDeps, request: SignInRequest): Promise<Answer> {
  const asked = request.method === "POST" ? request.form : request.query
  const wrongService = checkService(deps, asked.get("service"))
  if (wrongService !== undefined) return wrongService
  const who = request.method === "POST" ? await fromForm(deps, request) : await fromBasic(deps, request)
  if (!who.ok) return who.answer
  const access = grantAccess(asked.getAll("scope"), who.roles)
  const { token, expiresInSeconds, issuedAt } = await issueRegistryAccessToken(deps, who.subject, access)
  return json(200, {
    token,
    access_token: token,
    expires_in: expiresInSeconds,
    issued_at: issuedAt.toISOString(),
    ...(request.method === "POST" && asked.has("refresh_token") ? { refresh_token: asked.get("refresh_token") } : {}),
  })
}

async function fromBasic(deps: RegistryEndpointDeps, request: SignInRequest): Promise<Who> {
  const basic = readBasic(request.authorization)
  if (basic === undefined) return { ok: false, answer: unauthorized("Sign in first: az acr login or docker login.") }
  return fromPassword(deps, request, basic.userName, basic.password)
}

async function fromForm(deps: RegistryEndpointDeps, request: SignInRequest): Promise<Who> {
  const { form } = request
  const grant = form.get("grant_type")
  if (grant === "refresh_token") return fromRefreshToken(deps, form.get("refresh_token") ?? "")
  if (grant === "password") return fromPassword(deps, request, form.get("username") ?? "", form.get("password") ?? "")
  return { ok: false, answer: oauthError(400, "unsupported_grant_type", "Use grant_type refresh_token or password.") }
}

async function fromPassword(
  deps: RegistryEndpointDeps,
  request: SignInRequest,
  id: string,
  secret: string,
): Promise<Who> {
  if (id === TOKEN_USER) return fromRefreshToken(deps, secret)
  const { userName, password } = deps.config.registry
  const admin = { kind: "user" as const, id: userName, secret: password, roles: ["admin" as const] }
  const config = { principals: [...deps.config.principals, admin] }
  const given = { kind: "any" as const, id, secret, clientAddress: request.clientAddress }
  const checked = findPrincipal({ config, limit: deps.limit }, given)
  if (checked.ok) return { ok: true, subject: checked.principal.id, roles: checked.principal.roles }
  const text = "The user name or the password is wrong for this registry."
  return { ok: false, answer: checked.answer.status === 429 ? checked.answer : unauthorized(text) }
}

async function fromRefreshToken(deps: RegistryEndpointDeps, token: string): Promise<Who> {
  const principal = await readRegistryRefreshToken(deps, token)
  if (principal !== undefined) return { ok: true, subject: principal.id, roles: principal.roles }
  return { ok: false, answer: unauthorized("The registry sign-in is over. Sign in again: az acr login") }
}

function checkService(deps: RegistryEndpointDeps, service: string | null): Answer | undefined {
  const { loginServer } = deps.config.registry
  if (service === loginServer) return undefined
  return oauthError(400, "invalid_request", `service must be ${loginServer}`)
}

/** In the registry's error form, which docker prints, and in OAuth's. */
function unauthorized(text: string): Answer {
  const body = {
    errors: [{ code: "UNAUTHORIZED", message: text }],
    error: "invalid_grant",
    error_description: text,
  }
  return json(401, body, { "www-authenticate": 'Basic realm="Slipway registry"' })
}
