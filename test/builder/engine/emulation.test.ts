import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import { missingEmulation } from "../../../builder/engine/emulation.ts"

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-binfmt-"))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

test("a machine runs its own programs, and 386 on amd64", async () => {
  expect(await missingEmulation("linux/amd64", "amd64", folder)).toBeUndefined()
  expect(await missingEmulation("linux/386", "amd64", folder)).toBeUndefined()
  expect(await missingEmulation("linux/arm64/v8", "arm64", folder)).toBeUndefined()
})

test("for others the handler that is missing is named, with what to install", async () => {
  expect(await missingEmulation("linux/arm64", "amd64", folder)).toContain("qemu-aarch64")
  expect(await missingEmulation("linux/arm/v7", "amd64", folder)).toMatch(/qemu-arm\b.*qemu-user-static/)
  expect(await missingEmulation("linux/arm64", "amd64", join(folder, "not mounted"))).toContain("qemu-aarch64")
})

test("a handler counts when it is enabled", async () => {
  await writeFile(join(folder, "qemu-aarch64"), "disabled\n")
  expect(await missingEmulation("linux/arm64", "amd64", folder)).toBeDefined()

  await writeFile(join(folder, "qemu-aarch64"), "enabled\ninterpreter /usr/libexec/qemu\n")
  expect(await missingEmulation("linux/arm64", "amd64", folder)).toBeUndefined()
})
