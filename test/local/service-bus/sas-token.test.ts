import { createHmac } from "node:crypto"
import { expect, test } from "vitest"
import { checkSasToken, resourcePath } from "../../../local/service-bus/sas-token.ts"

const KEY = { name: "root", key: "a+b/c=" }
const NOW = 1_700_000_000_000

function sign(
  { audience = "sb://127.0.0.1:5672/Runs/$management", expiry = NOW / 1_000 + 60, ...key } = KEY as Partial<Parts>,
) {
  const sr = encodeURIComponent(audience)
  const sig = createHmac("sha256", key.key ?? KEY.key)
    .update(`${sr}\n${expiry}`)
    .digest("base64")
  return `SharedAccessSignature sr=${sr}&sig=${encodeURIComponent(sig)}&se=${expiry}&skn=${encodeURIComponent(key.name ?? KEY.name)}`
}
type Parts = { audience: string; expiry: number; name: string; key: string }

test("a token that the key signed is accepted and names its resource in lower case", () => {
  expect(checkSasToken(sign(), KEY, NOW)).toEqual({ ok: true, resource: "runs/$management", expiresAt: NOW + 60_000 })
})

test.each([
  ["signed by another key", sign({ key: "other" }), /signature/],
  ["of another key name", sign({ name: "other" }), /signature/],
  ["that is expired", sign({ expiry: NOW / 1_000 }), /expired/],
  ["whose expiry was changed", sign().replace(/se=\d+/, "se=9999999999"), /signature/],
  ["whose resource was changed", sign().replace("Runs", "Other"), /signature/],
  ["without a signature", "SharedAccessSignature sr=x&se=1&skn=root", /InvalidToken/],
  ["of another scheme", "Bearer abc", /InvalidToken/],
  ["that is empty", "", /InvalidToken/],
])("a token %s is refused", (_, token, why) => {
  expect(checkSasToken(token, KEY, NOW)).toEqual({ ok: false, why: expect.stringMatching(why) })
})

test("the audience of a whole namespace is the empty path; nonsense is none", () => {
  expect(resourcePath("sb://127.0.0.1:5672/")).toBe("")
  expect(resourcePath("nonsense")).toBeUndefined()
})
