import { readFile } from "node:fs/promises"
import path from "node:path"

/** Debian and Ubuntu; Fedora; Alpine and OpenSSL's default. */
const SYSTEM_BUNDLES = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"]

/**
 * The certificates that the system trusts, as PEM; empty where it has none. `operatorFile` (`SSL_CERT_FILE`) goes first,
 * unless it lies in `ownFolder`: a shell that has sourced `env.sh` names our own bundle, which would grow at every start.
 */
export async function readSystemCertificates(operatorFile: string | undefined, ownFolder: string): Promise<string> {
  const isOurs = operatorFile !== undefined && path.resolve(operatorFile).startsWith(path.resolve(ownFolder) + path.sep)
  const files = operatorFile === undefined || isOurs ? SYSTEM_BUNDLES : [operatorFile, ...SYSTEM_BUNDLES]
  for (const file of files) {
    const text = await readFile(file, "utf8").catch(() => undefined)
    if (text?.includes("-----BEGIN CERTIFICATE-----")) return text
  }
  return ""
}
