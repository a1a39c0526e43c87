import "reflect-metadata"
import { randomBytes, webcrypto } from "node:crypto"
import * as x509 from "@peculiar/x509"

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" }
const DAY_MS = 86_400_000

/** A certificate and its private key (PKCS #8). */
export type Issued = { certPem: string; keyPem: string }

/** What a certificate may be used for. A signer is trusted by its own bytes, so it is its own issuer. */
export type CertificateUse =
  | { kind: "authority" }
  | { kind: "server"; names: string[]; issuer: Issued }
  | { kind: "signer" }

/**
 * A new P-256 key and its certificate. Every extension that Python's strict checks (3.13: `VERIFY_X509_STRICT`) and Go want
 * is there: basic constraints, key usage, subject and authority key id, and for a server its names and `serverAuth`.
 * Valid from an hour ago: clocks of containers may lag. Source: RFC 5280 4.2.
 */
export async function issueCertificate(
  commonName: string,
  use: CertificateUse,
  validDays: number,
  now: Date = new Date(),
): Promise<Issued> {
  const keys = (await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"])) as webcrypto.CryptoKeyPair
  const subject = `CN=${commonName}, O=Slipway`
  const issuer = use.kind === "server" ? await readIssuer(use.issuer) : { subject, ...keys }
  const certificate = await x509.X509CertificateGenerator.create(
    {
      serialNumber: serialNumber(),
      subject,
      issuer: issuer.subject,
      notBefore: new Date(now.getTime() - 3_600_000),
      notAfter: new Date(now.getTime() + validDays * DAY_MS),
      publicKey: keys.publicKey,
      signingKey: issuer.privateKey,
      signingAlgorithm: ALGORITHM,
      extensions: [
        ...usageOf(use),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey, false, webcrypto),
        await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey, false, webcrypto),
      ],
    },
    webcrypto,
  )
  const pkcs8 = await webcrypto.subtle.exportKey("pkcs8", keys.privateKey)
  return { certPem: `${certificate.toString("pem")}\n`, keyPem: `${x509.PemConverter.encode(pkcs8, "PRIVATE KEY")}\n` }
}

async function readIssuer(issuer: Issued) {
  const certificate = new x509.X509Certificate(issuer.certPem)
  const pkcs8 = x509.PemConverter.decodeFirst(issuer.keyPem)
  const privateKey = await webcrypto.subtle.importKey("pkcs8", pkcs8, ALGORITHM, false, ["sign"])
  const publicKey = await certificate.publicKey.export(ALGORITHM, ["verify"], webcrypto)
  return { subject: certificate.subject, privateKey, publicKey }
}

function usageOf(use: CertificateUse): x509.Extension[] {
  if (use.kind === "authority") {
    return [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
    ]
  }
  if (use.kind === "signer") {
    return [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
    ]
  }
  return [
    new x509.BasicConstraintsExtension(false, undefined, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
    new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
    new x509.SubjectAlternativeNameExtension(
      use.names.map((name) => ({ type: isAddress(name) ? "ip" : "dns", value: name })),
    ),
  ]
}

function isAddress(name: string): boolean {
  return /^[\d.]+$/.test(name) || name.includes(":")
}

/** Positive and at most 20 octets (RFC 5280 4.1.2.2); random, so that a new CA of the same name is never mixed up. */
function serialNumber(): string {
  const bytes = randomBytes(16)
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40
  return bytes.toString("hex")
}
