import { createPrivateKey, X509Certificate } from "node:crypto"
import { mkdir, readFile } from "node:fs/promises"
import { isIP } from "node:net"
import path from "node:path"
import type { CertificateUse } from "./issue-certificate.ts"
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

  if (!(await isUsable(files.caFile, at("ca.key"), now))) {
    await issue(files.caFile, at("ca.key"), "Slipway local CA", { kind: "authority" }, AUTHORITY_DAYS, now)
  }
  const ca = await readFile(files.caFile, "utf8")
  const isKept = await isUsable(files.certFile, files.keyFile, now, (server) => isServerFor(server, names, ca))
  if (!isKept) {
    const issuer = { certPem: ca, keyPem: await readFile(at("ca.key"), "utf8") }
    await issue(
      files.certFile,
      files.keyFile,
      names[0] ?? "localhost",
      { kind: "server", names, issuer },
      SERVER_DAYS,
      now,
    )
  }
  const system = await readSystemCertificates(options.systemBundleFile, folder)
  await writePublicFile(files.bundleFile, ca + system)
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
  if (!(await isUsable(files.certFile, files.keyFile, now))) {
    await issue(files.certFile, files.keyFile, name, { kind: "signer" }, AUTHORITY_DAYS, now)
  }
  return files
}

/** The library that makes certificates is loaded only for that: at almost every start nothing is made. */
async function issue(
  certFile: string,
  keyFile: string,
  name: string,
  use: CertificateUse,
  days: number,
  now: Date,
): Promise<void> {
  const { issueCertificate } = await import("./issue-certificate.ts")
  const issued = await issueCertificate(name, use, days, now)
  await writePrivateFile(keyFile, issued.keyPem)
  await writePublicFile(certFile, issued.certPem)
}

/** False when a file is missing or broken, when the two do not belong together, when the end is near or the check says so. */
async function isUsable(
  certFile: string,
  keyFile: string,
  now: Date,
  check: (certificate: X509Certificate) => boolean = () => true,
): Promise<boolean> {
  try {
    const certificate = new X509Certificate(await readFile(certFile, "utf8"))
    if (Date.parse(certificate.validTo) - now.getTime() < RENEW_DAYS * DAY_MS) return false
    return certificate.checkPrivateKey(createPrivateKey(await readFile(keyFile, "utf8"))) && check(certificate)
  } catch {
    return false
  }
}

function isServerFor(certificate: X509Certificate, names: string[], ca: string): boolean {
  const found = certificate.subjectAltName?.split(", ") ?? []
  const isNamed = (name: string) =>
    isIP(name) === 0 ? certificate.checkHost(name) !== undefined : certificate.checkIP(name) !== undefined
  if (found.length !== names.length || !names.every(isNamed)) return false
  return certificate.verify(new X509Certificate(ca).publicKey)
}
