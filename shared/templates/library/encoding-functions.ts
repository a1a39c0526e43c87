import { bytesOf, textOf } from "../values/go-text.ts"
import { typeOf } from "../values/type-of.ts"
import { decodeBase32, encodeBase32 } from "./base32.ts"
import { decodeBase64 } from "./base64.ts"
import { define, type FunctionTable } from "./define-function.ts"

/** sprig 2.22's encodings. A text that cannot be decoded gives the words of Go's error, as in sprig. */
export const encodingFunctions: FunctionTable = {
  b32dec: define("func(string) string", (text) => {
    const decoded = decodeBase32(text)
    return "problem" in decoded ? decoded.problem : textOf(decoded.bytes)
  }),
  b32enc: define("func(string) string", (text) => encodeBase32(bytesOf(text))),
  b64dec: define("func(string) string", (text) => {
    const decoded = decodeBase64(text)
    return "problem" in decoded ? decoded.problem : textOf(decoded.bytes)
  }),
  // ACR's own: nil is empty, and of anything but a text it encodes what reflection calls it (task-file 4).
  b64enc: define("func(interface {}) string", (value) => {
    if (value === null) return ""
    const text = typeof value === "string" ? value : `<${typeOf(value)} Value>`
    return Buffer.from(bytesOf(text)).toString("base64")
  }),
}
