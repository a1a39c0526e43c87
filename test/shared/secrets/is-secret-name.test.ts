import { expect, it } from "vitest"
import { isCommonValue, isSecretName } from "../../../shared/secrets/is-secret-name.ts"

it.each(["PASSWORD", "dbPassword", "NPM_TOKEN", "API_KEY", "apikey", "AZURE_PAT", "client-secret", "AWS_CREDENTIALS"])(
  "%s announces a secret",
  (name) => expect(isSecretName(name)).toBe(true),
)

it.each(["PATH", "COMPAT", "KEYBOARD", "VERSION", "AUTHOR", "NODE_ENV"])("%s does not", (name) =>
  expect(isSecretName(name)).toBe(false),
)

it("knows values that stand in any log anyway", () => {
  expect(["true", "No", "12", "null"].every(isCommonValue)).toBe(true)
  expect(isCommonValue("1234")).toBe(false)
})
