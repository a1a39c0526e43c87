import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto"

const NONCE = 12
const TAG = 16
const VERSION = Buffer.from([1])

/** A key of its own for each purpose, from the one key of the settings (HKDF-SHA256, RFC 5869). */
export function deriveKey(secretKey: string, purpose: string): Buffer {
  return Buffer.from(hkdfSync("sha256", Buffer.from(secretKey, "base64"), "slipway", purpose, 32))
}

/**
 * Encrypts with AES-256-GCM (architecture, decision 9). `context` names what it belongs to and must be given again to
 * {@link unseal}, so that a blob moved to another run does not open.
 */
export function seal(key: Buffer, plain: Buffer, context: string): Buffer {
  const nonce = randomBytes(NONCE)
  const cipher = createCipheriv("aes-256-gcm", key, nonce)
  cipher.setAAD(Buffer.from(context))
  const body = Buffer.concat([cipher.update(plain), cipher.final()])
  return Buffer.concat([VERSION, nonce, cipher.getAuthTag(), body])
}

/** Opens what {@link seal} made. Errors: when the key, the context or a byte differs. */
export function unseal(key: Buffer, sealed: Buffer, context: string): Buffer {
  if (sealed[0] !== VERSION[0] || sealed.length < 1 + NONCE + TAG) throw new Error("this is not a sealed value")
  const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(1, 1 + NONCE))
  decipher.setAAD(Buffer.from(context))
  decipher.setAuthTag(sealed.subarray(1 + NONCE, 1 + NONCE + TAG))
  return Buffer.concat([decipher.update(sealed.subarray(1 + NONCE + TAG)), decipher.final()])
}
