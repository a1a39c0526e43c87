import { randomBytes } from "node:crypto"
import { describe, expect, it } from "vitest"
import { deriveKey, seal, unseal } from "../../../shared/secrets/seal.ts"

const key = randomBytes(32)

describe("seal", () => {
  it("opens with the same key and context", () => {
    expect(unseal(key, seal(key, Buffer.from("hello"), "acme/run1"), "acme/run1").toString()).toBe("hello")
  })

  it("does not open with another key, for another run, or with a changed byte", () => {
    const sealed = seal(key, Buffer.from("hello"), "acme/run1")
    const changed = Buffer.from(sealed)
    changed[changed.length - 1]! ^= 1

    expect(() => unseal(randomBytes(32), sealed, "acme/run1")).toThrow()
    expect(() => unseal(key, sealed, "acme/run2")).toThrow()
    expect(() => unseal(key, changed, "acme/run1")).toThrow()
    expect(() => unseal(key, Buffer.from("short"), "acme/run1")).toThrow()
  })

  it("never gives the same bytes twice", () => {
    expect(seal(key, Buffer.from("a"), "x").equals(seal(key, Buffer.from("a"), "x"))).toBe(false)
  })

  it("derives another key for each purpose", () => {
    const secret = randomBytes(32).toString("base64")

    expect(deriveKey(secret, "a").equals(deriveKey(secret, "b"))).toBe(false)
    expect(deriveKey(secret, "a").equals(deriveKey(secret, "a"))).toBe(true)
  })
})
