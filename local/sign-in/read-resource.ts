import { type Answer, oauthError } from "./answer.ts"
import { audienceOf, REGISTRY_AUDIENCE } from "./sign-in-config.ts"

const OPENID_SCOPES = new Set(["openid", "profile", "email", "offline_access"])

export type Resource = { ok: true; audience: string; scope: string } | { ok: false; answer: Answer }

/**
 * The audience that is asked for: `scope=<resource id>/.default` (with a double slash where the id ends in one), or the
 * older `resource=<resource id>`. Only the service and its registry exist here. Errors: `invalid_scope`, `invalid_target`
 * (RFC 8707 2).
 */
export function readResource(form: URLSearchParams, publicUrl: string): Resource {
  const scopes = (form.get("scope") ?? "").split(" ").filter((scope) => scope !== "" && !OPENID_SCOPES.has(scope))
  const resource = form.get("resource")
  const asked = scopes.length === 0 && resource !== null ? `${resource}/.default` : scopes[0]
  if (asked === undefined || scopes.length > 1) {
    const text = `Ask for exactly one scope: ${publicUrl}/.default`
    return { ok: false, answer: oauthError(400, "invalid_scope", text) }
  }
  const id = /^(.*?)\/+(?:\.default|user_impersonation)$/.exec(asked)?.[1]?.replace(/\/+$/, "")
  if (id === REGISTRY_AUDIENCE) return { ok: true, audience: REGISTRY_AUDIENCE, scope: asked }
  if (id === undefined || id.toLowerCase() !== publicUrl.toLowerCase()) {
    const error = id === undefined ? "invalid_scope" : "invalid_target"
    const text = `This authority issues tokens for ${publicUrl}/ and for its registry only. Register the cloud with --endpoint-active-directory-resource-id ${publicUrl}/`
    return { ok: false, answer: oauthError(400, error, text) }
  }
  return { ok: true, audience: audienceOf(publicUrl), scope: asked }
}
