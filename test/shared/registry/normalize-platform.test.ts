import { expect, test } from "vitest"
import { normalizePlatform } from "../../../shared/registry/normalize-platform.ts"

test.each([
  ["Linux/ARM64/v8", "linux/arm64/v8"],
  ["linux", "linux/amd64"],
  ["Windows", "windows/amd64"],
  ["arm64", "linux/arm64"],
  ["aarch64", "linux/arm64"],
  ["linux/x86_64", "linux/amd64"],
  ["linux/x86", "linux/386"],
  ["armhf", "linux/arm/v7"],
  ["linux/sparc", "linux/sparc"],
])("%s is %s", (text, expected) => {
  expect(normalizePlatform(text)).toBe(expected)
})
