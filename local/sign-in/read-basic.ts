/** User name and password of a Basic header (RFC 7617); the password may hold colons. Nothing when it is no such header. */
export function readBasic(authorization: string | undefined): { userName: string; password: string } | undefined {
  const encoded = /^Basic +([A-Za-z0-9+/_=-]+) *$/i.exec(authorization ?? "")?.[1]
  if (encoded === undefined) return undefined
  const text = Buffer.from(encoded, "base64").toString("utf8")
  const colon = text.indexOf(":")
  return colon < 0 ? undefined : { userName: text.slice(0, colon), password: text.slice(colon + 1) }
}
