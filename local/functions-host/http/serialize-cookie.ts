import type { HttpCookie } from "../app/core-types.ts"

const sameSites = { lax: "lax", strict: "strict", explicitNone: "none", none: undefined }

/** A `Set-Cookie` line as ASP.NET's `Cookies.Append` writes it: the value escaped, the path `/` unless given. */
export function serializeCookie(cookie: HttpCookie): string {
  const sameSite = sameSites[cookie.sameSite ?? "none"]
  const expires = cookie.expires?.value?.seconds
  const maxAge = cookie.maxAge?.value
  const parts = [
    `${encodeURIComponent(cookie.name)}=${encodeURIComponent(cookie.value)}`,
    expires === undefined ? undefined : `expires=${new Date(expires * 1000).toUTCString()}`,
    maxAge === undefined ? undefined : `max-age=${Math.floor(maxAge)}`,
    cookie.domain?.value ? `domain=${cookie.domain.value}` : undefined,
    `path=${cookie.path?.value ?? "/"}`,
    cookie.secure?.value ? "secure" : undefined,
    sameSite === undefined ? undefined : `samesite=${sameSite}`,
    cookie.httpOnly?.value ? "httponly" : undefined,
  ]
  return parts.filter((part) => part !== undefined).join("; ")
}
