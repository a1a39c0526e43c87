import { readFileSync } from "node:fs"
import { describe, expect, test } from "vitest"
import { MiscFile, miscNameRules, miscRules, runMiscCases } from "../../conformance/run-misc-case.ts"

const file = MiscFile.parse(
  JSON.parse(readFileSync(new URL("../../data/conformance/misc.json", import.meta.url), "utf8")),
)
const outcomes = runMiscCases(file)

describe("versions, aliases, credentials, networks, digests and vaults as acb reads them", () => {
  test.each(outcomes)("$id", ({ passed, detail }) => {
    expect(passed, detail).toBe(true)
  })

  test("no case is left out", () => {
    expect(outcomes).toHaveLength(81)
  })

  test("rules and readings say why", () => {
    const reasons = [...Object.values(miscRules), ...Object.values(miscNameRules)]

    expect(reasons.every((reason) => reason.length > 20)).toBe(true)
  })
})

describe("what the rules say of cases that are not in the file", () => {
  const none = Object.fromEntries(Object.keys(file).map((part) => [part, []]))
  const ruleOf = (part: string, one: unknown) => {
    const found = runMiscCases(MiscFile.parse({ ...none, builtin_aliases_linux: {}, [part]: [one] }))
    return found.find(({ id }) => id.startsWith(part))
  }

  test("a value without a type is a login, and a registry must be a login server", () => {
    const credential = JSON.stringify({ Registry: "r.io", Username: "u", Password: "p" })
    const address = JSON.stringify({ registry: "https://r.io/x", username: "u", password: "p" })

    expect(ruleOf("credentials", { credential, ok: false, error: "identity can't be empty" })).toMatchObject({
      passed: true,
      rule: "a-value-is-opaque",
    })
    expect(ruleOf("credentials", { credential: address, ok: false, error: "x" })?.passed).toBe(false)
    expect(ruleOf("credentials", { credential: "no object", ok: false, error: "x" })?.passed).toBe(true)
  })

  test("of several digests it is the one that the registry's tag means", () => {
    const repo_digests = ["r.io/a@sha256:1", "r.io/b@sha256:2"]

    expect(ruleOf("repo_digest", { repo_digests, registry: "r.io", repository: "b", digest: "sha256:2" })?.passed).toBe(
      true,
    )
    expect(ruleOf("repo_digest", { repo_digests, registry: "r.io", repository: "c", digest: "" })?.passed).toBe(true)
  })

  test("a step that names no errors is tried again whatever it put out", () => {
    expect(ruleOf("retry_on_errors", { errors: [], stdout: "", stderr: "", retry: true })?.passed).toBe(true)
  })

  test("a network that is not made as the task says it is a failure", () => {
    const create = ["docker", "network", "create", "a", "--driver", "macvlan"]
    const network = { name: "a", driver: "bridge", ipv6: false, create, rm: ["docker", "network", "rm", "a"] }

    expect(ruleOf("networks", network)?.passed).toBe(false)
  })
})
