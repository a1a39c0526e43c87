import { type CallContext, defineWith, type FunctionTable } from "./define-function.ts"

const digits = "0123456789"
const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
const ascii = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index)).join("")

/** sprig 2.22's random texts, from the source of random bytes that the caller gave. */
export const randomFunctions: FunctionTable = {
  randAlpha: defineWith("func(int) string", (context, count) => pick(context, letters, count)),
  randAlphaNum: defineWith("func(int) string", (context, count) => {
    const text = pick(context, digits + letters, count)
    if (text === "" || /[0-9]/.test(text)) return text
    // At least one digit, as goutils takes care of.
    const position = below(context, text.length)
    return text.slice(0, position) + pick(context, digits, 1n) + text.slice(position + 1)
  }),
  randAscii: defineWith("func(int) string", (context, count) => pick(context, ascii, count)),
  randNumeric: defineWith("func(int) string", (context, count) => pick(context, digits, count)),
  shuffle: defineWith("func(string) string", (context, text) => {
    const characters = [...text]
    context.budget.reserve(characters.length * 16)
    for (let last = characters.length - 1; last > 0; last--) {
      const other = below(context, last + 1)
      const held = characters[last] ?? ""
      characters[last] = characters[other] ?? ""
      characters[other] = held
    }
    return characters.join("")
  }),
  uuidv4: defineWith("func() string", ({ random }) => {
    const bytes = Buffer.from(random(16))
    bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
    bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
    return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5")
  }),
}

function pick(context: CallContext, alphabet: string, count: bigint): string {
  if (count <= 0n) return ""
  context.budget.reserve(Number(count) * 16)
  let text = ""
  while (text.length < Number(count)) text += alphabet.charAt(below(context, alphabet.length))
  return text
}

/** A random number below a limit, every one as likely. */
function below({ random }: CallContext, limit: number): number {
  const range = 2 ** 32
  const fair = range - (range % limit)
  for (;;) {
    const number = Buffer.from(random(4)).readUInt32BE()
    if (number < fair) return number % limit
  }
}
