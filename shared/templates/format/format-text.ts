import { bytesOf } from "../values/go-text.ts"
import { type FormatOptions, pad } from "./format-options.ts"
import { canBackquote, quoteText } from "./quote.ts"

/** A text by one of fmt's verbs; `undefined`: a bad verb for it. */
export function formatText(options: FormatOptions, text: string, verb: string): string | undefined {
  if (verb === "s" || (verb === "v" && !options.isSource)) return pad(options, cut(options, text))
  if (verb === "q" || verb === "v") {
    const shown = cut(options, text)
    const isRaw = (options.isSharp || options.isSource) && canBackquote(shown)
    if (verb === "q" && options.isSharp && isRaw) return pad(options, `\`${shown}\``)
    return pad(options, quoteText(shown, options.isPlus))
  }
  return verb === "x" || verb === "X" ? formatHex(options, bytesOf(text), verb) : undefined
}

/** Bytes as hexadecimal digits; `# ` and a space between them as the flags say. */
export function formatHex(options: FormatOptions, bytes: Uint8Array, verb: "x" | "X"): string {
  const shown = options.precision === undefined ? bytes : bytes.subarray(0, options.precision)
  if (shown.length === 0) return pad(options, "")
  const pairs = [...shown].map((byte) => byte.toString(16).padStart(2, "0"))
  const prefix = options.isSharp ? "0x" : ""
  const text = options.isSpace ? pairs.map((pair) => prefix + pair).join(" ") : prefix + pairs.join("")
  return pad(options, verb === "X" ? text.toUpperCase() : text)
}

function cut({ precision }: FormatOptions, text: string): string {
  return precision === undefined ? text : [...text].slice(0, precision).join("")
}
