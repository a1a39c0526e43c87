import { mkdirSync, writeFileSync } from "node:fs"
import path from "node:path"
import { expect, test } from "vitest"
import { backgroundScript } from "../../../local/cli/background-script.ts"
import { temporaryFolder } from "../supervisor/test-processes.ts"

test("a command of ours runs in the background from its bundle, once that is made", () => {
  const root = temporaryFolder()
  const script = path.join(root, "local", "cli", "start.ts")
  const bundle = path.join(root, "dist", "local", "cli-start.mjs")

  const before = backgroundScript(script, root)
  mkdirSync(path.dirname(bundle), { recursive: true })
  writeFileSync(bundle, "")
  const after = backgroundScript(script, root)

  expect([before, after]).toEqual([script, bundle])
})

test("a script from elsewhere, such as a bundle, runs as it is", () => {
  const root = temporaryFolder()
  const bundle = path.join(root, "dist", "local", "cli-start.mjs")
  mkdirSync(path.dirname(bundle), { recursive: true })
  writeFileSync(bundle, "")

  expect(backgroundScript(bundle, root)).toBe(bundle)
  expect(backgroundScript(path.join(root, "test", "start.ts"), root)).toBe(path.join(root, "test", "start.ts"))
})
