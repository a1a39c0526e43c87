/** Shorter values would mask half of any log; they are left alone, and the documentation says so. */
export const MIN_SECRET_LENGTH = 3
/** An encoded form shorter than this is found in any text by chance. */
const MIN_ENCODED_LENGTH = 4

/** Characters of base64 that are no chance any more, and a multiple of its groups of four. */
const WINDOW_LENGTH = 12
/** Above it base64 that is wrapped counts from its first line only: forms must not fill memory. */
const MAX_WINDOWED_BYTES = 1024
/** Where `base64` and `openssl` end a line. */
const WRAPS = [76, 64]

/**
 * Every text in which a secret may show up in a log: as it is, base64 at each of the three alignments (also url-safe), percent
 * encoded, escaped as in JSON (triggers, "Security"), and with its white space joined. A secret of several lines counts line by line as well, since logs are lines.
 * Base64 that a tool wraps into lines counts piece by piece; a piece of less than {@link WINDOW_LENGTH} characters at an end is not covered.
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
  const wrapped =
    bytes.length > MAX_WINDOWED_BYTES
      ? WRAPS.flatMap((columns) => piecesOf(whole, columns))
      : cores.flatMap((core, before) => windowsOf(core, before))
  const forms = [...cores, whole, whole.replace(/=+$/, ""), ...wrapped]
  return forms.flatMap((form) => [form, form.replaceAll("+", "-").replaceAll("/", "_")])
}

/**
 * Overlapping pieces of a core, each at the start of a group: a line holds whole groups, so what it has of the core is all made of them.
 * `before`: bytes in front of the core in its first group.
 */
function windowsOf(core: string, before: number): string[] {
  const first = [0, 2, 1][before] ?? 0
  const starts = Array.from(
    { length: Math.max(0, Math.floor((core.length - first) / 4)) },
    (_, group) => first + group * 4,
  )
  return starts
    .map((start) => core.slice(start, start + WINDOW_LENGTH))
    .filter(({ length }) => length === WINDOW_LENGTH)
}

function piecesOf(text: string, columns: number): string[] {
  return (text.match(new RegExp(`.{1,${columns}}`, "g")) ?? []).filter(({ length }) => length >= WINDOW_LENGTH)
}

function percentForms(secret: string): string[] {
  // A lone surrogate cannot be percent-encoded; toWellFormed replaces it as every UTF-8 encoder does.
  const upper = encodeURIComponent(secret.toWellFormed())
  const strict = upper.replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
  const lower = (text: string) => text.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase())
  // Python's quote keeps the slash, Go's PathEscape what may stand in a path.
  const path = strict.replace(/%(?:24|26|2B|3A|3D|40)/g, (code) => decodeURIComponent(code))
  return [upper, strict, strict.replaceAll("%20", "+"), strict.replaceAll("%2F", "/"), path].flatMap((form) => [
    form,
    lower(form),
  ])
}

function jsonForms(secret: string): string[] {
  const plain = JSON.stringify(secret).slice(1, -1)
  // Go's encoder escapes these three as well, and PHP's the slash.
  const go = plain.replace(/[<>&]/g, (char) => `\\u00${char.charCodeAt(0).toString(16)}`)
  // Python's and many others write everything beyond ASCII as its code.
  const ascii = plain.replace(/[^\x20-\x7e]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`)
  const upper = ascii.replace(/\\u[0-9a-f]{4}/g, (code) => `\\u${code.slice(2).toUpperCase()}`)
  return [plain, go, plain.replaceAll("/", "\\/"), ascii, upper]
}
