import { describe, expect, it } from "vitest"
import { readCustomLogins } from "../../../shared/arm/read-custom-logins.ts"

const HOST = "other.test"
const CLIENT = "11111111-2222-3333-4444-555555555555"
const URL = "https://v.vault.azure.net/secrets/pw"
const opaque = (value: string) => ({ type: "Opaque", value })
const vault = (value = URL) => ({ type: "vaultSecret", value })
const read = (registry: object) => readCustomLogins({ customRegistries: { [HOST]: registry } })

describe("readCustomLogins", () => {
  it("keeps where Key Vault secrets are, beside what is a value", () => {
    expect(read({ userName: opaque("me"), password: vault(), identity: "[System]" })).toEqual([
      { loginServer: HOST, userName: "me", password: { type: "vault", url: URL, clientId: "" } },
    ])
    expect(read({ userName: vault(`${URL}/v1`), password: vault(), identity: CLIENT })).toEqual([
      {
        loginServer: HOST,
        userName: { type: "vault", url: `${URL}/v1`, clientId: CLIENT },
        password: { type: "vault", url: URL, clientId: CLIENT },
      },
    ])
  })

  it("reads an identity alone as one that signs in by itself", () => {
    expect(read({ identity: CLIENT })).toEqual([
      {
        loginServer: HOST,
        userName: "00000000-0000-0000-0000-000000000000",
        password: { type: "registry", loginServer: HOST, clientId: CLIENT },
      },
    ])
  })

  it.each([
    ["", { userName: opaque("me") }, /userName.value and password.value .* or identity alone/],
    ["", { userName: opaque("me"), identity: CLIENT }, /userName.value and password.value/],
    [".password.value", { userName: opaque("me"), password: vault("pw"), identity: CLIENT }, /https:\/\/<vault>/],
    [".userName", { userName: vault(), password: opaque("pw") }, /give identity/],
    [".identity", { userName: opaque("me"), password: vault(), identity: "mine" }, /'\[system\]' or the client id/],
    [".identity", { identity: "" }, /'\[system\]' or the client id/],
  ])("refuses what is wrong at %j of a registry", (field, registry, message) => {
    const target = `credentials.customRegistries.${HOST}${field}`

    expect(() => read(registry)).toThrow(expect.objectContaining({ code: "InvalidRequestContent", target }))
    expect(() => read(registry)).toThrow(message)
  })
})
