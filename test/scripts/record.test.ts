import { mkdtemp, rm, utimes, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import { needsNpmInstall } from "../../scripts/set-up/npm-install.mjs"
import { isStillInOrder, remember } from "../../scripts/set-up/record.mjs"

let root = ""
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), "slipway-record-"))
})
afterEach(() => rm(root, { recursive: true }))

test("what was found in order is still in order until one of its files changes or goes", async () => {
  const program = path.join(root, "program")
  await writeFile(program, "1")
  remember(root, "demo", [program], undefined)

  expect(isStillInOrder(root, "demo")).toBe(true)

  await utimes(program, 1, 1)

  expect(isStillInOrder(root, "demo")).toBe(false)

  remember(root, "demo", [program], undefined)
  await rm(program)

  expect(isStillInOrder(root, "demo")).toBe(false)
})

test("one purpose's record says nothing about another", () => {
  remember(root, "demo", [], undefined)
  remember(root, "start", [], undefined)

  expect([isStillInOrder(root, "demo"), isStillInOrder(root, "start"), isStillInOrder(root, "test")]).toEqual([
    true,
    true,
    false,
  ])
})

test("an engine that answered must answer still", () => {
  remember(root, "demo", [], "/bin/false")

  expect(isStillInOrder(root, "demo")).toBe(false)
})

test("a new docker or podman on the search path is a reason to look again", async () => {
  remember(root, "demo", [], undefined)
  const before = process.env.PATH
  await writeFile(path.join(root, "podman"), "#!/bin/sh\n", { mode: 0o755 })
  process.env.PATH = `${root}:${before}`
  try {
    expect(isStillInOrder(root, "demo")).toBe(false)
  } finally {
    process.env.PATH = before
  }
})

test("npm's packages are installed anew where there are none or the lockfile is younger", async () => {
  await writeFile(path.join(root, "package-lock.json"), "{}")

  expect(needsNpmInstall(root)).toBe(true)

  remember(root, "makes node_modules", [], undefined)
  const installed = path.join(root, "node_modules", ".package-lock.json")
  await writeFile(installed, "{}")

  expect(needsNpmInstall(root)).toBe(false)

  await utimes(installed, 1, 1)

  expect(needsNpmInstall(root)).toBe(true)
})
