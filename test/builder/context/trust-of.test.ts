import { createServer } from "node:https"
import type { AddressInfo } from "node:net"
import { expect, onTestFinished, test } from "vitest"
import { guardedRequest } from "../../../builder/context/guarded-request.ts"
import { trustOf } from "../../../builder/context/trust-of.ts"
import { issueCertificate } from "../../../local/tls/issue-certificate.ts"

test("one set of authorities is read once, another one is another trust", async () => {
  const [one, other] = await Promise.all([authority("One"), authority("Other")])

  const first = trustOf(one.certPem)

  expect(trustOf(one.certPem)).toBe(first)
  expect(trustOf(other.certPem)).not.toBe(first)
})

test("a server is trusted when its authority is among them, and else is not", async () => {
  const [one, other] = await Promise.all([authority("One"), authority("Other")])
  const issued = await issueCertificate("127.0.0.1", { kind: "server", names: ["127.0.0.1"], issuer: one }, 2)
  const server = createServer({ key: issued.keyPem, cert: issued.certPem }, (_, response) => response.end())
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  onTestFinished(() => void server.close())
  const url = new URL(`https://127.0.0.1:${(server.address() as AddressInfo).port}/`)
  const ask = (ca: string) => guardedRequest(url, { rules: { allowedHosts: ["127.0.0.1"] }, ca })

  expect((await ask(one.certPem)).statusCode).toBe(200)
  await expect(ask(other.certPem)).rejects.toThrow(/certificate|verify/)
})

function authority(name: string) {
  return issueCertificate(name, { kind: "authority" }, 2)
}
