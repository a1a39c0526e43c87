import { mkdir, readFile } from "node:fs/promises"
import path from "node:path"
import { type CryptoKey, calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type JWK } from "jose"
import { writePrivateFile } from "../tls/private-file.ts"

export type SigningKey = { privateKey: CryptoKey; publicKey: CryptoKey; publicJwk: JWK; kid: string }

const ALGORITHM = "RS256"

/** The authority's RSA key, made at the first start and kept in `<folder>/signing-key.json` (0600): tokens outlive a restart. */
export async function ensureSigningKey(folder: string): Promise<SigningKey> {
  const file = path.join(folder, "signing-key.json")
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const jwk = (await readJwk(file)) ?? (await createJwk(file))
  const { d: _d, p: _p, q: _q, dp: _dp, dq: _dq, qi: _qi, ...rest } = jwk
  const kid = await calculateJwkThumbprint(rest)
  const publicJwk = { ...rest, kid, use: "sig", alg: ALGORITHM }
  return {
    privateKey: (await importJWK(jwk, ALGORITHM)) as CryptoKey,
    publicKey: (await importJWK(publicJwk, ALGORITHM)) as CryptoKey,
    publicJwk,
    kid,
  }
}

async function readJwk(file: string): Promise<JWK | undefined> {
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined
    throw error
  })
  return text === undefined ? undefined : (JSON.parse(text) as JWK)
}

async function createJwk(file: string): Promise<JWK> {
  const { privateKey } = await generateKeyPair(ALGORITHM, { extractable: true, modulusLength: 2048 })
  const jwk = await exportJWK(privateKey)
  await writePrivateFile(file, JSON.stringify(jwk))
  return jwk
}
