import { describe, expect, it } from "vitest"
import { readVaultSecrets } from "../../../shared/task-file/read-vault-secrets.ts"
import { fakeSecrets } from "../../fakes/fake-secrets.ts"

const URL = "https://v.vault.azure.net/secrets/"
const CLIENT = "11111111-2222-3333-4444-555555555555"
const references = [
  { id: "one", keyVault: `${URL}a`, clientId: "" },
  { id: "two", keyVault: `${URL}b`, clientId: CLIENT },
]
const signal = new AbortController().signal

describe("readVaultSecrets", () => {
  it("gives values by id, each read by its identity, and tells them first", async () => {
    const source = fakeSecrets({ [`${URL}a`]: { ok: true, value: "s1" }, [`${URL}b`]: { ok: true, value: "s2" } })
    const told: string[] = []

    const result = await readVaultSecrets(source, (values) => told.push(...values), signal)(references)

    expect(result).toEqual({ ok: true, values: { one: "s1", two: "s2" } })
    expect(told).toEqual(["s1", "s2"])
    expect(source.asked).toEqual([
      { type: "vault", url: `${URL}a`, clientId: "" },
      { type: "vault", url: `${URL}b`, clientId: CLIENT },
    ])
  })

  it("names every secret that cannot be had, and still tells those that can", async () => {
    const source = fakeSecrets({ [`${URL}b`]: { ok: true, value: "s2" } })
    const told: string[] = []

    const result = await readVaultSecrets(source, (values) => told.push(...values), signal)(references)

    expect(result).toEqual({ ok: false, problems: [{ id: "one", message: "the vault has no such secret." }] })
    expect(told).toEqual(["s2"])
  })
})
