import type { Answer, SignInRequest } from "./answer.ts"
import type { FailureLimit } from "./check-secret.ts"
import type { DeviceCodes } from "./device-codes.ts"
import { findPrincipal } from "./find-principal.ts"
import type { SignInConfig } from "./sign-in-config.ts"

const STYLE =
  "body{font:16px system-ui;max-width:24rem;margin:4rem auto;padding:0 1rem}input,button{font:inherit;display:block;width:100%;box-sizing:border-box;margin:.25rem 0 1rem;padding:.5rem}"
const HEADERS = {
  "content-type": "text/html; charset=utf-8",
  "cache-control": "no-store",
  "content-security-policy":
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
}

/**
 * The page where a person enters the code that az shows, and signs in (RFC 8628 3.3). No cookies and no script: the password
 * goes with each form, so there is nothing that another site could ride on.
 */
export function devicePage(
  deps: { config: SignInConfig; codes: DeviceCodes; limit: FailureLimit },
  request: SignInRequest,
): Answer {
  if (request.method !== "POST") return page(200, form(request.query.get("user_code") ?? "", ""))
  const code = request.form.get("user_code") ?? ""
  const userName = request.form.get("username") ?? ""
  const secret = request.form.get("password") ?? ""
  const checked = findPrincipal(deps, { kind: "user", id: userName, secret, clientAddress: request.clientAddress })
  if (!checked.ok) {
    const isLimited = checked.answer.status === 429
    const text = isLimited ? "Too many wrong passwords. Wait a minute." : "The user name or the password is wrong."
    return page(checked.answer.status, form(code, userName, text))
  }
  // After the password: nobody without one may probe which codes exist.
  if (!deps.codes.approve(code, checked.principal)) {
    return page(400, form("", userName, "This code is not known, used or over. Start again with az login."))
  }
  return page(200, "<h1>Signed in</h1><p>You may close this page and go back to the terminal.</p>")
}

function form(code: string, userName: string, problem = ""): string {
  const alert = problem === "" ? "" : `<p role="alert"><b>${escapeHtml(problem)}</b></p>`
  return `<h1>Sign in to Slipway</h1>${alert}<form method="post">
<label>Code<input name="user_code" required autocomplete="off" value="${escapeHtml(code)}"></label>
<label>User name<input name="username" required autocomplete="username" value="${escapeHtml(userName)}"></label>
<label>Password<input name="password" type="password" required autocomplete="current-password"></label>
<button>Sign in</button></form>`
}

function page(status: number, body: string): Answer {
  const html = `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Slipway sign-in</title><style>${STYLE}</style></head><body>${body}</body></html>`
  return { status, headers: HEADERS, body: html }
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
