import { describe, expect, test } from "vitest"
import { readSourceLocation } from "../../../shared/contexts/read-source-location.ts"
import { sourceLocationText } from "../../../shared/contexts/source-location.ts"
import { secretTexts, takeSecrets, withSecretQuery } from "../../../shared/contexts/take-secrets.ts"

function take(text: string) {
  const result = readSourceLocation(text, "source")
  if (!result.ok) throw new Error(result.problems.join())
  return takeSecrets(result.location)
}

describe("takeSecrets", () => {
  test.each([
    ["https://tok3n@github.com/u/r.git#main:d", "https://github.com/u/r.git#main:d", "dummy", "tok3n"],
    ["https://me:p%40ss@dev.azure.com/o/p/_git/r", "https://dev.azure.com/o/p/_git/r", "me", "p@ss"],
    ["https://me:@h/r.git", "https://h/r.git", "me", ""],
    ["https://me:pw@h/app.tar.gz", "https://h/app.tar.gz", "me", "pw"],
    ["ssh://git:pw@h/r.git", "ssh://git@h/r.git", "git", "pw"],
  ])("takes user and password out of %s", (text, rest, userName, password) => {
    const { location, secrets } = take(text)

    expect(sourceLocationText(location)).toBe(rest)
    expect(secrets).toEqual({ login: { userName, password } })
  })

  test("takes the signature out of a SAS, and gives it back for the request", () => {
    const { location, secrets } = take("https://a.blob.core.windows.net/c/x.tgz?sv=2021&sp=r&sig=a%2Bb%3D&se=2030")

    expect(sourceLocationText(location)).toBe("https://a.blob.core.windows.net/c/x.tgz?sv=2021&sp=r&se=2030")
    expect(secrets).toEqual({ query: "sig=a%2Bb%3D" })
    expect(withSecretQuery(sourceLocationText(location), secrets)).toBe(
      "https://a.blob.core.windows.net/c/x.tgz?sv=2021&sp=r&se=2030&sig=a%2Bb%3D",
    )
    expect(secretTexts(secrets)).toEqual(["a%2Bb%3D", "a+b="])
  })

  test.each(["X-Amz-Signature", "token", "access_token", "private_token", "Signature", "x-goog-signature", "api_key"])(
    "takes %s out of a query",
    (name) => {
      const { location, secrets } = take(`https://h/x.tgz?${name}=hunter2`)

      expect(sourceLocationText(location)).toBe("https://h/x.tgz")
      expect(withSecretQuery("https://h/x.tgz", secrets)).toBe(`https://h/x.tgz?${name}=hunter2`)
    },
  )

  test.each([
    "https://h/r.git",
    "git@h:r.git",
    "ssh://git@h/r.git",
    "https://h/x.tgz?version=1&ref=main",
    "oci://r.io/x:1",
    "/dev/null",
  ])("finds nothing in %s", (text) => {
    const { location, secrets } = take(text)

    expect(secrets).toEqual({})
    expect(sourceLocationText(location)).toBe(text)
  })

  test("a login shows up as its password and as what a basic header holds", () => {
    expect(secretTexts(take("https://me:pw1@h/r.git").secrets)).toEqual(["pw1", "me:pw1"])
  })
})
