import { createPrivateKey, generateKeyPairSync, type KeyObject, X509Certificate } from "node:crypto"
import { isIP } from "node:net"
import { formatValue } from "../format/format-value.ts"
import { FunctionMistake } from "../template-mistake.ts"
import { bytesOf, textOf } from "../values/go-text.ts"
import { type GoList, GoStruct } from "../values/go-value.ts"
import { decodeBase64 } from "./base64.ts"
import { type CallContext, define, defineWith, type FunctionTable } from "./define-function.ts"
import { pemBytes } from "./pem.ts"
import { signCertificate } from "./sign-certificate.ts"

const keyCost = 200_000

/** sprig 2.22's certificates: RSA of 2048 bits, SHA-256. */
export const certificateFunctions: FunctionTable = {
  buildCustomCert: define("func(string, string) (sprig.certificate, error)", (base64Cert, base64Key) => {
    const cert = decode(base64Cert, "unable to decode base64 certificate")
    const key = decode(base64Key, "unable to decode base64 private key")
    readCertificate(cert, "decodedCert.Bytes")
    readKey(key)
    return certificate(cert, key)
  }),
  genCA: defineWith("func(string, int) (sprig.certificate, error)", (context, commonName, days) =>
    generate(context, { commonName, days, isAuthority: true, names: [], addresses: [] }, undefined),
  ),
  genSelfSignedCert: defineWith(
    "func(string, []interface {}, []interface {}, int) (sprig.certificate, error)",
    (context, commonName, ips, names, days) =>
      generate(context, { commonName, days, isAuthority: false, ...alternatives(context, ips, names) }, undefined),
  ),
  genSignedCert: defineWith(
    "func(string, []interface {}, []interface {}, int, sprig.certificate) (sprig.certificate, error)",
    (context, commonName, ips, names, days, authority) => {
      const signer = {
        certificate: readCertificate(authority.fields.get("Cert") ?? "", "decodedSignerCert.Bytes"),
        key: readKey(authority.fields.get("Key") ?? ""),
      }
      return generate(context, { commonName, days, isAuthority: false, ...alternatives(context, ips, names) }, signer)
    },
  ),
}

type Wanted = { commonName: string; days: bigint; isAuthority: boolean; names: string[]; addresses: string[] }
type Signer = { certificate: X509Certificate; key: KeyObject }

function generate({ budget, now, random }: CallContext, wanted: Wanted, signer: Signer | undefined): GoStruct {
  budget.spend(keyCost)
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 })
  const notBefore = now()
  const notAfter = new Date(notBefore.getTime() + Number(wanted.days) * 86_400_000)
  const isShown =
    !Number.isNaN(notAfter.getTime()) && notAfter.getUTCFullYear() <= 9999 && notAfter.getUTCFullYear() > 0
  if (!isShown) throw new FunctionMistake("error creating certificate: cannot represent time as GeneralizedTime")
  const cert = signCertificate({
    ...wanted,
    notBefore,
    notAfter,
    serial: random(16),
    publicKey,
    signer,
    ownKey: privateKey,
  })
  return certificate(cert, privateKey.export({ type: "pkcs1", format: "pem" }).toString())
}

function certificate(cert: string, key: string): GoStruct {
  return new GoStruct(
    "sprig.certificate",
    new Map([
      ["Cert", cert],
      ["Key", key],
    ]),
  )
}

function alternatives({ budget }: CallContext, ips: GoList, names: GoList): Pick<Wanted, "names" | "addresses"> {
  const addresses = ips.items.map((ip) => {
    if (typeof ip !== "string")
      throw new FunctionMistake(`error parsing ip: ${formatValue(budget, ip)} is not a string`)
    if (isIP(ip) === 0) throw new FunctionMistake(`error parsing ip: ${ip}`)
    return ip
  })
  const known = names.items.map((name) => {
    if (typeof name === "string") return name
    throw new FunctionMistake(`error processing alternate dns name: ${formatValue(budget, name)} is not a string`)
  })
  return { names: known, addresses }
}

function decode(text: string, problem: string): string {
  const decoded = decodeBase64(text)
  if ("problem" in decoded) throw new FunctionMistake(problem)
  return textOf(decoded.bytes)
}

function readCertificate(pem: string, name: string): X509Certificate {
  const bytes = pemBytes(pem)
  if (bytes === undefined) throw new FunctionMistake("unable to decode certificate")
  try {
    return new X509Certificate(bytes)
  } catch {
    throw new FunctionMistake(`error parsing certificate: ${name}: x509: malformed certificate`)
  }
}

function readKey(pem: string): KeyObject {
  const bytes = pemBytes(textOf(bytesOf(pem)))
  if (bytes === undefined) throw new FunctionMistake("unable to decode key")
  try {
    return createPrivateKey({ key: bytes, format: "der", type: "pkcs1" })
  } catch {
    throw new FunctionMistake("error parsing prive key: decodedKey.Bytes: x509: failed to parse private key")
  }
}
