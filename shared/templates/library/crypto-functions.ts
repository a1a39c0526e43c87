import { createCipheriv, createDecipheriv, createHash, createHmac, generateKeyPairSync, scryptSync } from "node:crypto"
import { FunctionMistake } from "../template-mistake.ts"
import { bytesOf, textOf } from "../values/go-text.ts"
import { decodeBase64 } from "./base64.ts"
import { type CallContext, define, defineWith, type FunctionTable } from "./define-function.ts"
import { dsaPem } from "./dsa-pem.ts"
import { passwordCharacters, passwordTemplates } from "./password-templates.ts"

// What a key costs in steps, so that a template cannot make hundreds.
const keyCost = 500_000
const passwordCost = 500_000

/** sprig 2.22's hashes, keys and ciphers. */
export const cryptoFunctions: FunctionTable = {
  adler32sum: define("func(string) string", (text) => String(adler32(bytesOf(text)))),
  decryptAES: define("func(string, string) (string, error)", decryptAes),
  derivePassword: defineWith("func(uint32, string, string, string, string) string", derivePassword),
  encryptAES: defineWith("func(string, string) (string, error)", ({ random }, password, text) => {
    if (text === "") return ""
    const iv = Buffer.from(random(16))
    const cipher = createCipheriv("aes-256-cbc", keyOf(password), iv)
    return Buffer.concat([iv, cipher.update(bytesOf(text)), cipher.final()]).toString("base64")
  }),
  genPrivateKey: defineWith("func(string) string", ({ budget }, type) => {
    if (!["", "rsa", "dsa", "ecdsa"].includes(type)) return `Unknown type ${type}`
    budget.spend(keyCost)
    if (type === "ecdsa") {
      return generateKeyPairSync("ec", { namedCurve: "P-256" })
        .privateKey.export({ type: "sec1", format: "pem" })
        .toString()
    }
    if (type === "dsa") {
      const { privateKey } = generateKeyPairSync("dsa", { modulusLength: 2048, divisorLength: 256 })
      return dsaPem(privateKey.export({ type: "pkcs8", format: "der" }))
    }
    return generateKeyPairSync("rsa", { modulusLength: 4096 })
      .privateKey.export({ type: "pkcs1", format: "pem" })
      .toString()
  }),
  sha1sum: define("func(string) string", (text) => createHash("sha1").update(bytesOf(text)).digest("hex")),
  sha256sum: define("func(string) string", (text) => createHash("sha256").update(bytesOf(text)).digest("hex")),
}

function adler32(bytes: Uint8Array): number {
  let [low, high] = [1, 0]
  for (const byte of bytes) {
    low = (low + byte) % 65_521
    high = (high + low) % 65_521
  }
  return high * 65_536 + low
}

/** The password itself, cut or filled with zeros: that is how sprig makes a key of it. */
function keyOf(password: string): Buffer {
  return Buffer.concat([bytesOf(password), Buffer.alloc(32)]).subarray(0, 32)
}

function decryptAes(password: string, text: string): string {
  if (text === "") return ""
  const decoded = decodeBase64(text)
  if ("problem" in decoded) throw new FunctionMistake(decoded.problem)
  const { bytes } = decoded
  if (bytes.length < 16)
    throw new FunctionMistake(
      `runtime error: slice bounds out of range [:16] with capacity ${Math.floor(text.length / 4) * 3}`,
    )
  if (bytes.length % 16 !== 0) throw new FunctionMistake("crypto/cipher: input not full blocks")
  const decipher = createDecipheriv("aes-256-cbc", keyOf(password), bytes.subarray(0, 16)).setAutoPadding(false)
  const plain = Buffer.concat([decipher.update(bytes.subarray(16)), decipher.final()])
  const padding = plain.at(-1)
  if (padding === undefined) throw new FunctionMistake("runtime error: index out of range [-1]")
  // Only its last byte is looked at, and a wrong one is caught only when it says more than there is.
  if (padding > plain.length)
    throw new FunctionMistake(`runtime error: slice bounds out of range [:${plain.length - padding}]`)
  return textOf(plain.subarray(0, plain.length - padding))
}

/** The Master Password algorithm (masterpassword.app), as sprig does it. */
function derivePassword(
  { budget }: CallContext,
  counter: bigint,
  type: string,
  password: string,
  user: string,
  site: string,
): string {
  const templates = Object.hasOwn(passwordTemplates, type) ? passwordTemplates[type] : undefined
  if (templates === undefined) return `cannot find password template ${type}`
  budget.spend(passwordCost)
  const seed = Buffer.from("com.lyndir.masterpassword")
  const counted = (text: string) => Buffer.concat([fourBytes(BigInt(bytesOf(text).length)), bytesOf(text)])
  const salt = Buffer.concat([seed, counted(user)])
  const key = scryptSync(bytesOf(password), salt, 64, { N: 32_768, r: 8, p: 2, maxmem: 64 * 1024 * 1024 })
  const digest = createHmac("sha256", key)
    .update(Buffer.concat([seed, counted(site), fourBytes(counter)]))
    .digest()
  const template = templates[(digest[0] ?? 0) % templates.length] ?? ""
  return [...template]
    .map((letter, index) => {
      const characters = passwordCharacters[letter] ?? ""
      return characters.charAt((digest[index + 1] ?? 0) % characters.length)
    })
    .join("")
}

function fourBytes(number: bigint): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(Number(number))
  return bytes
}
