import "reflect-metadata"
import { webcrypto } from "node:crypto"
import { mkdir, readFile } from "node:fs/promises"
import path from "node:path"
import * as x509 from "@peculiar/x509"
import { type Issued, issueCertificate, privateKeyPem } from "./issue-certificate.ts"
import { writePrivateFile, writePublicFile } from "./private-file.ts"
import { readSystemCertificates } from "./read-system-certificates.ts"

const AUTHORITY_DAYS = 3650
const SERVER_DAYS = 365
const RENEW_DAYS = 30
const DAY_MS = 86_400_000

export type Certificates = {
  caFile: string
  certFile: string
  keyFile: string
  /** Ours and the system's: what clients that replace the system's bundle must be given. */
  bundleFile: string
}

export type CertificateOptions = {
  /** `SSL_CERT_FILE` of the operator, where set; it then counts as the system's bundle. */
  systemBundleFile?: string | undefined
  now?: () => Date
}

/**
 * The stack's CA (10 years) and server certificate (1 year) in `folder`, made at the first start. The server's is made anew
 * when it has less than 30 days left, when `names` changed or when its files do not fit together; the CA only when it is
 * unreadable or about to end, since clients hold it. Names are DNS names and IP addresses.
 */
export async function ensureCertificates(
  folder: string,
  names: string[],
  options: CertificateOptions = {},
): Promise<Certificates> {
  const now = options.now?.() ?? new Date()
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const at = (name: string) => path.join(folder, name)
  const files = {
    caFile: at("ca.pem"),
    certFile: at("server.pem"),
    keyFile: at("server.key"),
    bundleFile: at("bundle.pem"),
  }

  const authority =
    (await readIssued(files.caFile, at("ca.key"), now)) ?? (await createAuthority(files.caFile, at("ca.key"), now))
  const server = await readIssued(files.certFile, files.keyFile, now)
  if (server === undefined || !(await isServerFor(server.certificate, names, authority.certificate))) {
    const issued = await issueCertificate(
      names[0] ?? "localhost",
      { kind: "server", names, issuer: authority },
      SERVER_DAYS,
      now,
    )
    await writePrivateFile(files.keyFile, await privateKeyPem(issued.keys))
    await writePublicFile(files.certFile, pem(issued.certificate))
  }
  const system = await readSystemCertificates(options.systemBundleFile, folder)
  await writePublicFile(files.bundleFile, pem(authority.certificate) + system)
  return files
}

/**
 * A key and its self-signed certificate for signing tokens that a verifier trusts by certificate (the registry's
 * `rootcertbundle`). Made once; anew when it has less than 30 days left. Never of our CA: whoever holds the server's key
 * must not be able to sign tokens.
 */
export async function ensureSigningCertificate(
  folder: string,
  name: string,
  now: Date = new Date(),
): Promise<{ certFile: string; keyFile: string }> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const files = { certFile: path.join(folder, `${name}.pem`), keyFile: path.join(folder, `${name}.key`) }
  if ((await readIssued(files.certFile, files.keyFile, now)) === undefined) {
    const issued = await issueCertificate(name, { kind: "signer" }, AUTHORITY_DAYS, now)
    await writePrivateFile(files.keyFile, await privateKeyPem(issued.keys))
    await writePublicFile(files.certFile, pem(issued.certificate))
  }
  return files
}

async function createAuthority(certFile: string, keyFile: string, now: Date): Promise<Issued> {
  const issued = await issueCertificate("Slipway local CA", { kind: "authority" }, AUTHORITY_DAYS, now)
  await writePrivateFile(keyFile, await privateKeyPem(issued.keys))
  await writePublicFile(certFile, pem(issued.certificate))
  return issued
}

/** Nothing when a file is missing or broken, when the two do not belong together, or when the end is near. */
async function readIssued(certFile: string, keyFile: string, now: Date): Promise<Issued | undefined> {
  try {
    const certificate = new x509.X509Certificate(await readFile(certFile, "utf8"))
    if (certificate.notAfter.getTime() - now.getTime() < RENEW_DAYS * DAY_MS) return undefined
    const algorithm = { name: "ECDSA", namedCurve: "P-256" }
    const pkcs8 = x509.PemConverter.decodeFirst(await readFile(keyFile, "utf8"))
    const privateKey = await webcrypto.subtle.importKey("pkcs8", pkcs8, algorithm, true, ["sign"])
    const publicKey = await certificate.publicKey.export(algorithm, ["verify"], webcrypto)
    const sample = new Uint8Array(16)
    const signing = { name: "ECDSA", hash: "SHA-256" }
    const signature = await webcrypto.subtle.sign(signing, privateKey, sample)
    if (!(await webcrypto.subtle.verify(signing, publicKey, signature, sample))) return undefined
    return { certificate, keys: { privateKey, publicKey } }
  } catch {
    return undefined
  }
}

async function isServerFor(
  certificate: x509.X509Certificate,
  names: string[],
  authority: x509.X509Certificate,
): Promise<boolean> {
  const found =
    certificate.getExtension(x509.SubjectAlternativeNameExtension)?.names.items.map(({ value }) => value) ?? []
  if (found.length !== names.length || !names.every((name) => found.includes(name))) return false
  return certificate.verify({ publicKey: authority.publicKey, signatureOnly: true }, webcrypto)
}

function pem(certificate: x509.X509Certificate): string {
  return `${certificate.toString("pem")}\n`
}
