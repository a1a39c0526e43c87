import { expect, test } from "vitest"
import { readKeyVaultUrl } from "../../../shared/secrets/read-key-vault-url.ts"

test("a secret is named in lower case", () => {
  expect(readKeyVaultUrl("https://My.Vault.Azure.net/Secrets/Name/V1")).toEqual({
    vault: "https://my.vault.azure.net",
    name: "name",
    version: "v1",
    aadResource: "https://vault.azure.net",
  })
})

test.each([
  ["http://my.vault.azure.net/secrets/name"],
  ["https://my.vault.azure.net/keys/name"],
  ["https://my.vault.azure.net/secrets/"],
  ["https://vault/secrets/name"],
  ["https://u:p@my.vault.azure.net/secrets/name"],
  ["https://my.vault.azure.net/secrets/name?api-version=1"],
  ["my.vault.azure.net/secrets/name"],
  [`https://my.vault.azure.net/secrets/${"a".repeat(2048)}`],
])("%s is no secret of a vault", (url) => {
  expect(readKeyVaultUrl(url)).toBeUndefined()
})
