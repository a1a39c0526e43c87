const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"

/** Go's `base32.StdEncoding`. */
export function encodeBase32(bytes: Uint8Array): string {
  let text = ""
  let bits = 0
  let held = 0
  for (const byte of bytes) {
    held = ((held << 8) | byte) & 0xfff
    bits += 8
    while (bits >= 5) {
      bits -= 5
      text += alphabet.charAt((held >> bits) & 31)
    }
  }
  if (bits > 0) text += alphabet.charAt((held << (5 - bits)) & 31)
  return text + "=".repeat((8 - (text.length % 8)) % 8)
}

/** The bytes, or Go's error. */
export function decodeBase32(source: string): { bytes: Uint8Array } | { problem: string } {
  const text = source.replace(/[\r\n]/g, "")
  const problem = (at: number) => ({ problem: `illegal base32 data at input byte ${at}` })
  const padding = text.indexOf("=")
  const digits = padding < 0 ? text : text.slice(0, padding)
  const wrong = [...digits].findIndex((character) => !alphabet.includes(character))
  if (wrong >= 0) return problem(wrong)
  const left = digits.length % 8
  if (padding < 0 && left > 0) return problem(digits.length - left)
  if (padding >= 0) {
    if (left < 2) return problem(padding)
    if (text.length < padding + 8 - left) return problem(text.length)
    const other = [...text].findIndex((character, at) => at > padding && character !== "=")
    if (other >= 0 && other < padding + 8 - left) return problem(other)
    // These many digits do not end with a byte.
    if (left === 3 || left === 6) return problem(padding)
    if (text.length > padding + 8 - left) return problem(padding + 8 - left)
  }
  const bytes: number[] = []
  let bits = 0
  let held = 0
  for (const character of digits) {
    held = ((held << 5) | alphabet.indexOf(character)) & 0xfff
    bits += 5
    if (bits >= 8) {
      bits -= 8
      bytes.push((held >> bits) & 0xff)
    }
  }
  return { bytes: Uint8Array.from(bytes) }
}
