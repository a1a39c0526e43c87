/** A request as the front hands it over: small, whole, its form already parsed. */
export type SignInRequest = {
  method: string
  /** Without the query. */
  path: string
  query: URLSearchParams
  form: URLSearchParams
  authorization: string | undefined
  /** For the limit on wrong passwords. */
  clientAddress: string
}

export type Answer = { status: number; headers: Record<string, string>; body: string }

/** Tokens must not be stored by anything on the way (RFC 6749 5.1). */
const NO_STORE = { "cache-control": "no-store", pragma: "no-cache" }

export function json(status: number, body: unknown, headers: Record<string, string> = {}): Answer {
  const all = { "content-type": "application/json; charset=utf-8", ...NO_STORE, ...headers }
  return { status, headers: all, body: JSON.stringify(body) }
}

/** An OAuth error (RFC 6749 5.2). The description is what az prints: it names the fix. */
export function oauthError(
  status: number,
  error: string,
  description: string,
  headers?: Record<string, string>,
): Answer {
  return json(status, { error, error_description: description }, headers)
}
