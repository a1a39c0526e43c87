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
  const digits = text.replace(/=+$/, "")
  const wrong = [...digits].findIndex((character) => !alphabet.includes(character))
  if (wrong >= 0) return { problem: `illegal base32 data at input byte ${wrong}` }
  const isWhole = text.length % 8 === 0 && ![1, 3, 6].includes(digits.length % 8) && text.length - digits.length < 7
  if (!isWhole) return { problem: `illegal base32 data at input byte ${digits.length}` }
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
