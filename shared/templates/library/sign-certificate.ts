import { createHash, type KeyObject, sign, type X509Certificate } from "node:crypto"
import { isIPv4 } from "node:net"
import { der, derChildren, derInteger, derOid, sequence } from "./der.ts"
import { pemOf } from "./pem.ts"

/** What the certificate says. Without a signer it is signed by its own key. */
export type CertificateRequest = {
  commonName: string
  names: readonly string[]
  addresses: readonly string[]
  isAuthority: boolean
  notBefore: Date
  notAfter: Date
  serial: Uint8Array
  publicKey: KeyObject
  ownKey: KeyObject
  signer: { certificate: X509Certificate; key: KeyObject } | undefined
}

const sha256WithRsa = sequence(derOid("1.2.840.113549.1.1.11"), der(0x05))

/** An X.509 certificate (RFC 5280) for servers and clients, as PEM; its extensions are those that Go's CreateCertificate writes for sprig. */
export function signCertificate(request: CertificateRequest): string {
  const { publicKey, signer, isAuthority } = request
  const key = publicKey.export({ type: "spki", format: "der" })
  const subject = nameOf(request.commonName)
  const issuer = signer === undefined ? subject : subjectOf(signer.certificate)
  const keyId = keyIdOf(key)
  const authorityId =
    signer === undefined
      ? isAuthority
        ? keyId
        : undefined
      : keyIdOf(signer.certificate.publicKey.export({ type: "spki", format: "der" }))
  const body = sequence(
    der(0xa0, derInteger(Buffer.from([2]))),
    derInteger(request.serial),
    sha256WithRsa,
    issuer,
    sequence(timeOf(request.notBefore), timeOf(request.notAfter)),
    subject,
    key,
    der(0xa3, sequence(...extensionsOf(request, keyId, authorityId))),
  )
  const signature = sign("sha256", body, signer?.key ?? request.ownKey)
  return pemOf("CERTIFICATE", sequence(body, sha256WithRsa, der(0x03, Buffer.from([0]), signature)))
}

function extensionsOf(request: CertificateRequest, keyId: Buffer, authorityId: Buffer | undefined): Buffer[] {
  const { isAuthority, names, addresses } = request
  // Digital signature and key encipherment; an authority signs certificates as well.
  const usage = isAuthority ? Buffer.from([2, 0xa4]) : Buffer.from([5, 0xa0])
  const alternatives = [
    ...names.map((name) => der(0x82, Buffer.from(name, "utf8"))),
    ...addresses.map((address) => der(0x87, addressBytes(address))),
  ]
  const extensions = [
    extension("2.5.29.15", true, der(0x03, usage)),
    extension("2.5.29.37", false, sequence(derOid("1.3.6.1.5.5.7.3.1"), derOid("1.3.6.1.5.5.7.3.2"))),
    extension("2.5.29.19", true, isAuthority ? sequence(der(0x01, Buffer.from([0xff]))) : sequence()),
  ]
  if (isAuthority) extensions.push(extension("2.5.29.14", false, der(0x04, keyId)))
  if (authorityId !== undefined) extensions.push(extension("2.5.29.35", false, sequence(der(0x80, authorityId))))
  if (alternatives.length > 0) extensions.push(extension("2.5.29.17", false, sequence(...alternatives)))
  return extensions
}

function extension(oid: string, isCritical: boolean, value: Buffer): Buffer {
  return sequence(derOid(oid), ...(isCritical ? [der(0x01, Buffer.from([0xff]))] : []), der(0x04, value))
}

function nameOf(commonName: string): Buffer {
  if (commonName === "") return sequence()
  return sequence(der(0x31, sequence(derOid("2.5.4.3"), der(0x0c, Buffer.from(commonName, "utf8")))))
}

/** The subject as it stands in a certificate: behind version, serial, algorithm, issuer and dates. */
function subjectOf({ raw }: X509Certificate): Uint8Array {
  const fields = derChildren(derChildren(raw)[0]?.whole ?? Buffer.alloc(0))
  const hasVersion = fields[0]?.tag === 0xa0
  return fields[hasVersion ? 5 : 4]?.whole ?? sequence()
}

/** SHA-1 of the public key's bits (RFC 5280, 4.2.1.2). */
function keyIdOf(spki: Buffer): Buffer {
  const bits = derChildren(spki)[1]?.content.subarray(1) ?? Buffer.alloc(0)
  return createHash("sha1").update(bits).digest()
}

/** Two-digit years up to 2049, as RFC 5280 wants them. */
function timeOf(time: Date): Buffer {
  const text = `${time.toISOString().replace(/[-:T]|\.\d+/g, "")}`
  const isShort = time.getUTCFullYear() >= 1950 && time.getUTCFullYear() < 2050
  return isShort ? der(0x17, Buffer.from(text.slice(2))) : der(0x18, Buffer.from(text))
}

function addressBytes(address: string): Buffer {
  if (isIPv4(address)) return Buffer.from(address.split(".").map(Number))
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(address)
  const tail =
    dotted === null
      ? ""
      : Buffer.from((dotted[2] ?? "").split(".").map(Number))
          .toString("hex")
          .replace(/^(.{4})/, "$1:")
  const [head = "", rest] = (dotted === null ? address : `${dotted[1]}${tail}`).split("::")
  const groups = (part: string) => (part === "" ? [] : part.split(":"))
  const left = groups(head)
  const right = rest === undefined ? [] : groups(rest)
  const all =
    rest === undefined ? left : [...left, ...Array<string>(8 - left.length - right.length).fill("0"), ...right]
  return Buffer.from(all.map((group) => group.padStart(4, "0")).join(""), "hex")
}
