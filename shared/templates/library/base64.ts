type Decoded = { bytes: Uint8Array } | { problem: string }

/** Go's `base64.StdEncoding`: padded, and line breaks are skipped. The problem is Go's, with the place of the first wrong byte. */
export function decodeBase64(text: string): Decoded {
  const problem = (at: number) => ({ problem: `illegal base64 data at input byte ${at}` })
  let digits = ""
  let at = 0
  for (; at < text.length; at++) {
    const character = text.charAt(at)
    if (character === "\n" || character === "\r") continue
    if (character === "=") break
    if (!/[A-Za-z0-9+/]/.test(character)) return problem(at)
    digits += character
  }
  const left = digits.length % 4
  if (at === text.length) return left === 0 ? { bytes: Buffer.from(digits, "base64") } : problem(text.length - left)
  if (left < 2) return problem(at)
  let padding = 0
  for (; at < text.length; at++) {
    const character = text.charAt(at)
    if (character === "\n" || character === "\r") continue
    if (padding === 4 - left) return problem(at)
    if (character !== "=") return problem(at - 1)
    padding++
  }
  return padding === 4 - left ? { bytes: Buffer.from(digits, "base64") } : problem(text.length)
}
