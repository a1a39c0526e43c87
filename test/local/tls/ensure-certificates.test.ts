import { execFile } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises"
import net from "node:net"
import { tmpdir } from "node:os"
import path from "node:path"
import tls from "node:tls"
import { promisify } from "node:util"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { ensureCertificates, ensureSigningCertificate } from "../../../local/tls/ensure-certificates.ts"

const NAMES = ["localhost", "127.0.0.1", "::1"]
const YEAR_MS = 365 * 86_400_000
let folder: string

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "slipway-tls-"))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

/** Whether OpenSSL, with the strict checks that Python 3.13 has on, trusts the server for this name; its answer otherwise. */
async function verify(files: { certFile: string; caFile: string }, name: string): Promise<string> {
  const option = net.isIP(name) === 0 ? "-verify_hostname" : "-verify_ip"
  const args = [
    "verify",
    "-x509_strict",
    "-purpose",
    "sslserver",
    option,
    name,
    "-CAfile",
    files.caFile,
    files.certFile,
  ]
  const { stdout } = await promisify(execFile)("openssl", args)
  return stdout
}

/** Whether Node's client, given our CA only, shakes hands with a server that has these files. */
async function connect(files: { certFile: string; keyFile: string; caFile: string }): Promise<boolean> {
  const server = tls.createServer({ cert: await readFile(files.certFile), key: await readFile(files.keyFile) })
  await once(server.listen(0, "127.0.0.1"), "listening")
  const { port } = server.address() as net.AddressInfo
  const socket = tls.connect({ port, host: "127.0.0.1", servername: "localhost", ca: await readFile(files.caFile) })
  try {
    await once(socket, "secureConnect")
    return socket.authorized
  } finally {
    socket.destroy()
    server.close()
  }
}

describe("ensureCertificates", () => {
  it.each(NAMES)("makes a certificate that a strict client with our CA accepts for %s", async (name) => {
    const files = await ensureCertificates(folder, NAMES)

    await expect(verify(files, name)).resolves.toMatch(/: OK/)
  })

  it("makes a certificate that is refused for another host", async () => {
    const files = await ensureCertificates(folder, NAMES)

    await expect(verify(files, "example.test")).rejects.toThrow(/hostname mismatch/)
  })

  it("makes a key and certificates that a TLS handshake accepts", async () => {
    const files = await ensureCertificates(folder, NAMES)

    await expect(connect(files)).resolves.toBe(true)
  })

  it("keeps what is there at the next start", async () => {
    const files = await ensureCertificates(folder, NAMES)
    const before = await readFile(files.certFile, "utf8")

    await ensureCertificates(folder, NAMES)

    expect(await readFile(files.certFile, "utf8")).toBe(before)
  })

  it("renews the server's certificate, not the CA, when less than 30 days are left", async () => {
    const files = await ensureCertificates(folder, NAMES)
    const [ca, server] = [await readFile(files.caFile, "utf8"), await readFile(files.certFile, "utf8")]

    await ensureCertificates(folder, NAMES, { now: () => new Date(Date.now() + YEAR_MS - 29 * 86_400_000) })

    expect(await readFile(files.caFile, "utf8")).toBe(ca)
    expect(await readFile(files.certFile, "utf8")).not.toBe(server)
  })

  it("makes a new server certificate when the names change or its key is another's", async () => {
    const files = await ensureCertificates(folder, NAMES)
    const first = await readFile(files.certFile, "utf8")

    await ensureCertificates(folder, [...NAMES, "build.example.test"])
    const second = await readFile(files.certFile, "utf8")
    await writeFile(files.keyFile, await readFile(path.join(folder, "ca.key"), "utf8"))
    await ensureCertificates(folder, [...NAMES, "build.example.test"])

    expect(second).not.toBe(first)
    expect(await readFile(files.certFile, "utf8")).not.toBe(second)
    await expect(verify(files, "build.example.test")).resolves.toMatch(/: OK/)
    await expect(connect(files)).resolves.toBe(true)
  })

  it("signs the server's certificate anew when the CA had to be made anew", async () => {
    await ensureCertificates(folder, NAMES)
    await rm(path.join(folder, "ca.key"))

    const files = await ensureCertificates(folder, NAMES)

    await expect(verify(files, "localhost")).resolves.toMatch(/: OK/)
  })

  it("keeps keys to their user", async () => {
    const files = await ensureCertificates(folder, NAMES)

    expect((await stat(files.keyFile)).mode & 0o777).toBe(0o600)
    expect((await stat(path.join(folder, "ca.key"))).mode & 0o777).toBe(0o600)
  })

  it("bundles our CA with the operator's file, and does not grow when that file is our own bundle", async () => {
    const operatorFile = path.join(folder, "..", `${path.basename(folder)}.pem`)
    await writeFile(operatorFile, "-----BEGIN CERTIFICATE-----\noperator\n-----END CERTIFICATE-----\n")
    const files = await ensureCertificates(folder, NAMES, { systemBundleFile: operatorFile })
    const bundle = await readFile(files.bundleFile, "utf8")
    await rm(operatorFile)

    await ensureCertificates(folder, NAMES, { systemBundleFile: files.bundleFile })
    const again = await readFile(files.bundleFile, "utf8")

    expect(bundle).toContain(await readFile(files.caFile, "utf8"))
    expect(bundle).toContain("operator")
    expect(again.split(await readFile(files.caFile, "utf8"))).toHaveLength(2)
  })
})

describe("ensureSigningCertificate", () => {
  it("makes a certificate of its own that our CA did not sign, and keeps it", async () => {
    const { caFile } = await ensureCertificates(folder, NAMES)

    const { certFile, keyFile } = await ensureSigningCertificate(folder, "tokens")
    const before = await readFile(certFile, "utf8")
    await ensureSigningCertificate(folder, "tokens")

    await expect(promisify(execFile)("openssl", ["verify", "-CAfile", caFile, certFile])).rejects.toThrow()
    expect(await readFile(certFile, "utf8")).toBe(before)
    expect((await stat(keyFile)).mode & 0o777).toBe(0o600)
  })
})
