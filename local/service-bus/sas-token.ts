import { createHmac, timingSafeEqual } from "node:crypto"

export type SharedKey = { name: string; key: string }
/** A resource is a path in the namespace, `runs` or `runs/$management`; the empty path is the whole namespace. */
export type SasCheck = { ok: true; resource: string; expiresAt: number } | { ok: false; why: string }

/**
 * Checks a shared access signature: `SharedAccessSignature sr=…&sig=…&se=…&skn=…`, where `sig` is the HMAC-SHA256 of the
 * encoded resource and the expiry (https://learn.microsoft.com/azure/service-bus-messaging/service-bus-sas).
 */
export function checkSasToken(token: string, shared: SharedKey, now: number): SasCheck {
  const [scheme, fields = ""] = token.split(" ", 2)
  // Read by hand: URLSearchParams would turn a "+" of base64 into a space.
  const field = new Map(
    fields.split("&").map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]),
  )
  const [sr, sig, se, skn] = ["sr", "sig", "se", "skn"].map((name) => field.get(name))
  if (scheme !== "SharedAccessSignature" || !sr || !sig || !se || !skn) return { ok: false, why: "InvalidToken" }
  const expected = createHmac("sha256", shared.key).update(`${sr}\n${se}`).digest()
  const given = Buffer.from(decode(sig), "base64")
  const isSigned = given.length === expected.length && timingSafeEqual(given, expected)
  if (decode(skn) !== shared.name || !isSigned)
    return { ok: false, why: "InvalidSignature: the token has an invalid signature." }
  const expiresAt = Number(se) * 1_000
  if (!(expiresAt > now)) return { ok: false, why: "ExpiredToken: the token is expired." }
  const resource = resourcePath(decode(sr))
  return resource === undefined ? { ok: false, why: "InvalidToken" } : { ok: true, resource, expiresAt }
}

/** Path of an audience like `sb://host:port/runs/$management`, in lower case: names compare without case. */
export function resourcePath(audience: string): string | undefined {
  if (!URL.canParse(audience)) return undefined
  return decode(new URL(audience).pathname)
    .replace(/^\/+|\/+$/g, "")
    .toLowerCase()
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return ""
  }
}
