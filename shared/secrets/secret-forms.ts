/** Shorter values would mask half of any log; they are left alone, and the documentation says so. */
export const MIN_SECRET_LENGTH = 3
/** An encoded form shorter than this is found in any text by chance. */
const MIN_ENCODED_LENGTH = 4

/**
 * Every text in which a secret may show up in a log: as it is, base64 at each of the three alignments (also url-safe), percent
 * encoded, escaped as in JSON (triggers, "Security"), and with its white space joined. A secret of several lines counts line by line as well, since logs are lines.
 * Not covered: base64 that a tool wraps into lines.
 */
export function secretForms(secret: string): string[] {
  const forms = new Set<string>()
  const parts = secret.split(/\r\n|\r|\n/).map((line) => line.trim())
  for (const part of [...parts, secret.trim()]) {
    if (part.length < MIN_SECRET_LENGTH) continue
    forms.add(part)
    for (const encoded of encodedForms(part)) forms.add(encoded)
    // Shells that split words, and engines that quote a step, leave one space of several.
    forms.add(part.replace(/\s+/g, " "))
  }
  // Spaces around it are part of what is encoded; alone they are no secret.
  if (secret !== secret.trim() && secret.trim().length >= MIN_SECRET_LENGTH) {
    for (const encoded of longEnough(base64Forms(secret))) forms.add(encoded)
  }
  return [...forms].filter((form) => !form.includes("\n"))
}

function encodedForms(text: string): string[] {
  return longEnough([...base64Forms(text), ...percentForms(text), ...jsonForms(text)])
}

function longEnough(encoded: string[]): string[] {
  return encoded.filter((form) => form.length >= MIN_ENCODED_LENGTH)
}

/**
 * The characters of a base64 text that depend on the secret alone, when 0, 1 or 2 bytes stand before it in its group of three.
 * The whole encoding with its padding comes along, so that nothing of it stays behind.
 */
function base64Forms(secret: string): string[] {
  const bytes = Buffer.from(secret, "utf8")
  const cores = [0, 1, 2].map((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes]).toString("base64")
    return encoded.slice([0, 2, 3][before], Math.floor(((before + bytes.length) * 8) / 6))
  })
  const whole = bytes.toString("base64")
  const forms = [...cores, whole, whole.replace(/=+$/, "")]
  return forms.flatMap((form) => [form, form.replaceAll("+", "-").replaceAll("/", "_")])
}

function percentForms(secret: string): string[] {
  // A lone surrogate cannot be percent-encoded; toWellFormed replaces it as every UTF-8 encoder does.
  const upper = encodeURIComponent(secret.toWellFormed())
  const strict = upper.replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
  const lower = (text: string) => text.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase())
  return [upper, strict, strict.replaceAll("%20", "+")].flatMap((form) => [form, lower(form)])
}

function jsonForms(secret: string): string[] {
  const plain = JSON.stringify(secret).slice(1, -1)
  // Go's encoder escapes these three as well, and PHP's the slash.
  const go = plain.replace(/[<>&]/g, (char) => `\\u00${char.charCodeAt(0).toString(16)}`)
  return [plain, go, plain.replaceAll("/", "\\/")]
}
