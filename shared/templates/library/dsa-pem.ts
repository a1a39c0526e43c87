import { createPrivateKey, createPublicKey } from "node:crypto"
import { derChildren, derInteger, sequence } from "./der.ts"
import { pemOf } from "./pem.ts"

/** A DSA key as OpenSSL wrote it before PKCS #8: version, p, q, g, public and private number. Node only writes PKCS #8. */
export function dsaPem(pkcs8: Buffer): string {
  const [, algorithm, privateOctets] = derChildren(pkcs8)
  const parameters = derChildren(algorithm?.whole ?? Buffer.alloc(0))[1]
  const privateNumber = privateOctets?.content ?? Buffer.alloc(0)
  const publicKey = createPublicKey(createPrivateKey({ key: pkcs8, format: "der", type: "pkcs8" })).export({
    type: "spki",
    format: "der",
  })
  // A BIT STRING begins with the number of unused bits.
  const publicNumber = derChildren(publicKey)[1]?.content.subarray(1) ?? Buffer.alloc(0)
  const numbers = derChildren(parameters?.whole ?? Buffer.alloc(0)).map(({ whole }) => whole)
  return pemOf("DSA PRIVATE KEY", sequence(derInteger(Buffer.from([0])), ...numbers, publicNumber, privateNumber))
}
