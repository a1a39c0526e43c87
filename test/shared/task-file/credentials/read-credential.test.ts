import { expect, test } from "vitest"
import { readCredential } from "../../../../shared/task-file/credentials/read-credential.ts"

const vault = { registry: "r", username: "u", password: "p", identity: "i", userNameProviderType: "Opaque" }

test("keys and types have no case", () => {
  const text = JSON.stringify({
    Registry: "r",
    USERNAME: "u",
    Password: "p",
    usernameProvidertype: "OPAQUE",
    passwordProviderType: "Opaque",
  })

  expect(readCredential(text)).toEqual({
    ok: true,
    credential: { type: "opaque", registry: "r", userName: "u", password: "p" },
  })
})

test("one part may be in a vault", () => {
  expect(readCredential(JSON.stringify({ ...vault, passwordProviderType: "VaultSecret" }))).toEqual({
    ok: true,
    credential: {
      type: "vault",
      registry: "r",
      userName: { isVaultSecret: false, text: "u" },
      password: { isVaultSecret: true, text: "p" },
      identity: "i",
    },
  })
})

test.each([["no json"], ["[]"], ["null"], ['{"registry": 1}'], ['"text"']])("%s is no credential", (text) => {
  expect(readCredential(text)).toEqual({
    ok: false,
    problem: expect.stringContaining("unable to unmarshal Credentials"),
  })
})

test("a problem holds no value of the credential", () => {
  const read = readCredential('{"registry":"r","password":"hunter2","usernameProviderType":"odd"}')

  expect(JSON.stringify(read)).not.toContain("hunter2")
})
