import { existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs"
import { mkdtemp, readdir, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { ContextError } from "../../../builder/context/context-error.ts"
import { checkParents, makeFolder } from "../../../builder/context/real-folders.ts"

let base: string
let root: string
let outside: string

beforeEach(async () => {
  base = await mkdtemp(path.join(tmpdir(), "real-folders-"))
  root = path.join(base, "root")
  outside = path.join(base, "outside")
  for (const folder of [root, outside, path.join(root, "a/b"), path.join(root, "full")]) {
    mkdirSync(folder, { recursive: true })
  }
  writeFileSync(path.join(root, "full/file"), "")
  symlinkSync(outside, path.join(root, "out"))
  symlinkSync("a", path.join(root, "in"))
  symlinkSync("nowhere", path.join(root, "loose"))
})

afterEach(() => rm(base, { recursive: true, force: true }))

describe("makeFolder", () => {
  test.each(["a/b", "a/new", "new/and/deep", "new"])(
    "%s is made where it is not there, and may be there empty",
    (name) => {
      makeFolder(root, name)

      expect(existsSync(path.join(root, name))).toBe(true)
    },
  )

  test.each([
    ["out", /"out", which would be written through the link "out"/],
    ["out/x", /"out\/x", which would be written through the link "out"/],
    ["out/x/y", /through the link "out"/],
    ["in/b", /through the link "in"/],
    ["loose/x", /through the link "loose"/],
    ["full/file/x", /below the file "full\/file"/],
    ["full", /other files at "full"/],
  ])("%s is refused and nothing is made", async (name, message) => {
    expect(() => makeFolder(root, name)).toThrow(ContextError)
    expect(() => makeFolder(root, name)).toThrow(message)
    expect(await readdir(outside)).toEqual([])
    expect(existsSync(path.join(root, "nowhere"))).toBe(false)
  })
})

describe("checkParents", () => {
  test.each(["file", "a/x", "a/b/x", "out"])("%s lies in real folders", (name) => {
    expect(() => checkParents(root, name)).not.toThrow()
  })

  test.each(["out/x", "in/b/x", "full/file/x", "absent/x"])("%s does not", (name) => {
    expect(() => checkParents(root, name)).toThrow(ContextError)
  })
})
