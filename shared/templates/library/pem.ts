/** One PEM block (RFC 7468), lines of 64. */
export function pemOf(label: string, bytes: Uint8Array): string {
  const lines =
    Buffer.from(bytes)
      .toString("base64")
      .match(/.{1,64}/g) ?? []
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`
}

const maxLength = 100_000

/** The bytes of the first PEM block in a text. */
export function pemBytes(text: string): Buffer | undefined {
  const found =
    text.length > maxLength
      ? null
      : /-----BEGIN ([^-]+)-----\r?\n(?:[^\n:]+:[^\n]*\n)*([A-Za-z0-9+/=\s]*)-----END \1-----/.exec(text)
  return found === null ? undefined : Buffer.from((found[2] ?? "").replace(/\s/g, ""), "base64")
}
