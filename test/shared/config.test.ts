import { describe, expect, it } from "vitest"
import { readSettings } from "../../shared/config.ts"

const GOOD = {
  SLIPWAY_PUBLIC_URL: "https://slipway.test",
  SLIPWAY_OIDC_ISSUER: "https://login.test/adfs",
  SLIPWAY_OIDC_AUDIENCE: "https://slipway.test/, api://slipway",
  SLIPWAY_TENANT_ID: "11111111-1111-4111-8111-111111111111",
  SLIPWAY_SUBSCRIPTION_ID: "22222222-2222-4222-8222-222222222222",
  SLIPWAY_REGISTRIES: JSON.stringify([
    { name: "acmereg", loginServer: "acme.test:5000", userName: "u", password: "p" },
  ]),
  SLIPWAY_SECRET_KEY: Buffer.alloc(32, 1).toString("base64"),
  SLIPWAY_STORAGE_ACCOUNT: "acct",
  SLIPWAY_BLOB_URL: "https://acct.blob.core.windows.net",
  SLIPWAY_BLOB_PUBLIC_URL: "https://acct.blob.core.windows.net",
  SLIPWAY_TABLE_URL: "https://acct.table.core.windows.net",
  SLIPWAY_LAUNCHER_SOCKET: "/run/launcher.sock",
  SlipwayServiceBus__fullyQualifiedNamespace: "acct.servicebus.windows.net",
}
const message = (changes: Record<string, string | undefined>) => {
  try {
    readSettings({ ...GOOD, ...changes })
    return ""
  } catch (error) {
    return (error as Error).message
  }
}

describe("readSettings", () => {
  it("fills in real defaults", () => {
    const settings = readSettings(GOOD)

    expect(settings.SLIPWAY_OIDC_AUDIENCE).toEqual(["https://slipway.test/", "api://slipway"])
    expect(settings).toMatchObject({
      SLIPWAY_TIMEOUT_MIN_SECONDS: 300,
      SLIPWAY_TIMEOUT_MAX_SECONDS: 28_800,
      SLIPWAY_RETENTION_DAYS: 30,
    })
    expect(settings.SLIPWAY_REGISTRIES[0]).toMatchObject({ name: "acmereg", sku: "Premium", isInsecure: false })
  })

  it("reports every mistake at once", () => {
    const text = message({
      SLIPWAY_PUBLIC_URL: undefined,
      SLIPWAY_TENANT_ID: "x",
      SLIPWAY_HEARTBEAT_SECONDS: "-1",
      SLIPWAY_REGISTRIES: "[",
    })

    for (const name of ["SLIPWAY_PUBLIC_URL", "SLIPWAY_TENANT_ID", "SLIPWAY_HEARTBEAT_SECONDS", "SLIPWAY_REGISTRIES"]) {
      expect(text).toContain(name)
    }
  })

  it.each([
    ["SLIPWAY_SECRET_KEY", Buffer.alloc(16).toString("base64"), "32 bytes"],
    ["SLIPWAY_REGISTRIES", JSON.stringify([{ name: "a", loginServer: "x" }]), "5–50"],
    ["SLIPWAY_REGISTRIES", JSON.stringify([{ name: "acmereg", loginServer: "https://x/" }]), "login server"],
    ["SLIPWAY_REGISTRIES", "[]", "at least one"],
    ["SLIPWAY_SSH_KEY", "ssh-ed25519 AAAA", "public half"],
    ["SLIPWAY_SSH_KEY_FILE", "keys/id", "absolute"],
    ["SLIPWAY_SECRET_TIMEOUT_SECONDS", "101", "100"],
    [
      "SLIPWAY_REGISTRIES",
      JSON.stringify([
        { name: "acmereg", loginServer: "x" },
        { name: "ACMEREG", loginServer: "y" },
      ]),
      "same name",
    ],
  ])("explains a wrong %s", (name, value, expected) => {
    expect(message({ [name]: value })).toContain(expected)
  })

  it.each([
    ["SLIPWAY_TIMEOUT_DEFAULT_SECONDS", "99999999", "SLIPWAY_TIMEOUT_MAX_SECONDS"],
    ["SLIPWAY_HEARTBEAT_SECONDS", "61", "SLIPWAY_HEARTBEAT_TIMEOUT_SECONDS"],
    ["SLIPWAY_LAUNCHER_SOCKET", undefined, "socket"],
    ["SlipwayServiceBus__fullyQualifiedNamespace", undefined, "connection string"],
    ["SLIPWAY_SWEEP_SCHEDULE", "xx", "six fields"],
  ])("holds %s against the others", (name, value, expected) => {
    expect(message({ [name]: value })).toContain(expected)
  })

  it("takes hosts as a text or as a file, not as both", () => {
    const file = { SLIPWAY_SSH_KNOWN_HOSTS_FILE: "/known_hosts" }

    expect(message(file)).toBe("")
    expect(message({ ...file, SLIPWAY_SSH_KNOWN_HOSTS: "git.test ssh-ed25519 AAAA" })).toContain("one of them")
  })

  it("never repeats a value, which may be a secret", () => {
    const password = "hunter2hunter2"

    expect(
      message({ SLIPWAY_REGISTRIES: `[{"name":"acmereg","password":"${password}"}]`, SLIPWAY_SECRET_KEY: password }),
    ).not.toContain(password)
  })
})
