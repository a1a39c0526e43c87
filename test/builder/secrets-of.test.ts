import { describe, expect, it } from "vitest"
import { argumentValuesOf, secretsOf } from "../../builder/secrets-of.ts"
import type { RunSpec } from "../../shared/builders/run-spec.ts"

const spec = (arguments_: { name: string; value: string; isSecret?: boolean }[]) =>
  ({
    work: { type: "build", arguments: arguments_.map((one) => ({ isSecret: false, ...one })) },
    logins: [{ loginServer: "r.test", userName: "robot", password: "registry-password" }],
    log: { url: "https://x/log?sp=a&sig=log-signature" },
    ssh: { privateKey: "-----BEGIN X-----\nfirst-line-of-the-key\nAw==\n-----END X-----\n", knownHosts: "a host" },
    source: { type: "upload", url: "https://x/ctx?sp=r&sig=context-signature" },
  }) as unknown as RunSpec

describe("secretsOf", () => {
  it("names all that the log must never show", () => {
    const secrets = secretsOf(
      spec([
        { name: "A", value: "said-to-be-secret", isSecret: true },
        { name: "NPM_TOKEN", value: "by-its-name" },
      ]),
      "run-token",
    )

    expect(secrets).toEqual(
      expect.arrayContaining([
        "run-token",
        "registry-password",
        "robot:registry-password",
        "log-signature",
        "first-line-of-the-key",
        "context-signature",
        "said-to-be-secret",
        "by-its-name",
      ]),
    )
  })

  it("leaves out what of a key stands in any text", () => {
    const secrets = secretsOf(spec([]), "t").join("\n")

    expect(secrets).not.toMatch(/BEGIN|END|Aw==|host/)
  })

  it("leaves plain arguments out", () => {
    expect(secretsOf(spec([{ name: "VERSION", value: "plain-value" }]), "t")).not.toContain("plain-value")
  })
})

describe("argumentValuesOf", () => {
  it.each([
    ["a value that may be anything", "hunter2hunter2", true],
    ["words", "production build", true],
    ["a short one", "hi", false],
    ["a version", "v1.22.333-rc.1", false],
    ["a date", "2026-11-21T10:00:00Z", false],
    ["an image name with its host", "127.0.0.1:5000/base/busybox:1", false],
    ["an image of a registry", "registry.test/app@sha256:abcdef", false],
    ["a URL", "https://example.test/a?b", false],
    ["a URL with a password", "https://me:secret@example.test/a", true],
    ["a path without a host", "some/secret/value", true],
  ])("%s: %s", (_, value, isMasked) => {
    expect(argumentValuesOf([{ value }])).toEqual(isMasked ? [value] : [])
  })
})
