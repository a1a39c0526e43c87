import { expect, test } from "vitest"
import { trustOf } from "../../../builder/context/trust-of.ts"
import { issueCertificate } from "../../../local/tls/issue-certificate.ts"

test("one set of authorities is read once, another one is another trust", async () => {
  const [one, other] = await Promise.all(
    ["One", "Other"].map((name) => issueCertificate(name, { kind: "authority" }, 2)),
  )

  const first = trustOf(one?.certPem ?? "")

  expect(trustOf(one?.certPem ?? "")).toBe(first)
  expect(trustOf(other?.certPem ?? "")).not.toBe(first)
})
