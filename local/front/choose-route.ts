export type Route =
  | { to: "health" | "signIn" | "blob" | "app"; path: string; query: string }
  | { to: "refuse"; reason: string }

/**
 * Where a request target goes, decided on its raw bytes: what is forwarded is exactly what was judged. A target that two
 * readers could understand differently is refused (RFC 9110 4.2.3, RFC 3986 6.2.2): dot segments in any encoding,
 * backslashes, control characters, absolute form, and outside blob names also empty segments and encoded slashes.
 */
export function chooseRoute(
  target: string,
  options: { storageAccount?: string; isSignInPath: (path: string) => boolean },
): Route {
  const mark = target.indexOf("?")
  const path = mark < 0 ? target : target.slice(0, mark)
  const query = mark < 0 ? "" : target.slice(mark + 1)
  if (!path.startsWith("/")) return { to: "refuse", reason: "The request target must be a path." }
  if (!/^[\x21-\x7e]*$/.test(target) || /[\\#]/.test(path))
    return { to: "refuse", reason: "The path has a character that must be encoded." }
  const decoded = decode(path)
  if (decoded === undefined) return { to: "refuse", reason: "The path is not correctly percent-encoded." }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (/[\x00-\x1f\x7f\\]/.test(decoded))
    return { to: "refuse", reason: "The path has a control character or a backslash." }
  if (decoded.split("/").some((segment) => segment === "." || segment === "..")) {
    return { to: "refuse", reason: "The path has a dot segment." }
  }
  const account = `/${options.storageAccount}`
  const isBlob = options.storageAccount !== undefined && (path === account || path.startsWith(`${account}/`))
  if (isBlob) return { to: "blob", path, query }
  if (path.includes("//") || /%2f/i.test(path))
    return { to: "refuse", reason: "The path has an empty segment or an encoded slash." }
  if (/^\/(?:admin|runtime)(?:\/|$)/i.test(decoded)) return { to: "refuse", reason: "This path is the host's own." }
  if (path === "/healthz") return { to: "health", path, query }
  return { to: options.isSignInPath(path) ? "signIn" : "app", path, query }
}

/** Decoded once and, where that leaves an escape, once more: `%252e` must not become a dot behind us. */
function decode(path: string): string | undefined {
  try {
    const once = decodeURIComponent(path)
    if (!/%[0-9a-f]{2}/i.test(once)) return once
    return `${once}/${decodeURIComponent(once)}`
  } catch {
    return undefined
  }
}
