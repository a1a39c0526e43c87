import { mkdtemp, readdir, rm } from "node:fs/promises"
import { arch, tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import { missingEmulation } from "../../../builder/engine/emulation.ts"
import { PROBE_PROGRAMS } from "../../../builder/engine/probe-programs.ts"

const own = arch() === "arm64" ? "arm64" : "amd64"
const foreign = Buffer.from("\x7fELF of no processor that there is")
let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-emulation-"))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const missing = (platform: string, programs?: Record<string, Buffer>) =>
  missingEmulation(platform, own, folder, { ...PROBE_PROGRAMS, ...programs })

test("a machine runs its own programs without a try", async () => {
  expect(await missing(`linux/${own}`, { [own]: foreign })).toBeUndefined()
  expect(await missing(`linux/${own}/v8`)).toBeUndefined()
})

test("a platform counts when a program of it runs", async () => {
  const program = PROBE_PROGRAMS[own] ?? foreign

  expect(await missing("linux/s390x", { s390x: program })).toBeUndefined()
  expect(await missing("linux/arm/v7", { arm: program })).toBeUndefined()
  expect(await readdir(folder)).toEqual([])
})

test("for others the handler that is missing is named, with what to install", async () => {
  const message = await missing("linux/riscv64", { riscv64: foreign })

  expect(message).toContain("programs of linux/riscv64 need the binfmt handler qemu-riscv64")
  expect(message).toContain(`this machine (${own})`)
  expect(message).toContain("qemu-user-static")
  expect(await missing("linux/mips64")).toBe(`no program runs as linux/mips64 on this machine (${own})`)
})

test("where not even the machine's own programs run, nothing is said", async () => {
  expect(await missing("linux/riscv64", { riscv64: foreign, [own]: foreign })).toBeUndefined()
})

test.each(Object.entries(PROBE_PROGRAMS))("the program of %s is one of its processor", (architecture, program) => {
  const isBig = architecture === "s390x"
  const machine = isBig ? program.readUInt16BE(18) : program.readUInt16LE(18)

  expect(program.subarray(0, 4).toString("latin1")).toBe("\x7fELF")
  expect(machine).toBe({ amd64: 62, "386": 3, arm64: 183, arm: 40, riscv64: 243, ppc64le: 21, s390x: 22 }[architecture])
  expect(program.subarray(-8).toString()).toBe("slipway\n")
})
