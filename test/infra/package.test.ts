import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, expect, test } from "vitest"
import { assemblePackage } from "../../infra/hooks/assemble-package.mjs"
import { INFRA } from "./read-template.ts"

const folders: string[] = []
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true })
})

async function repository(files: Record<string, string>): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), "slipway-package-"))
  folders.push(root)
  await mkdir(join(root, "dist"))
  for (const [name, text] of Object.entries(files)) await writeFile(join(root, name), text)
  return root
}

const MANIFEST = JSON.stringify({
  name: "slipway",
  version: "1.2.3",
  type: "module",
  main: "dist/functions.mjs",
  dependencies: { zod: "1" },
  scripts: { build: "x" },
})

test("the package is the bundle, host.json and a manifest that asks for no installation", async () => {
  const root = await repository({ "package.json": MANIFEST, "host.json": "{}", "dist/functions.mjs": "export {}" })
  const target = join(root, "package")
  await mkdir(target)
  await writeFile(join(target, "left-over.txt"), "")

  await assemblePackage(root, target)

  expect((await readdir(target, { recursive: true })).sort()).toEqual([
    "dist",
    join("dist", "functions.mjs"),
    "host.json",
    "package.json",
  ])
  expect(JSON.parse(await readFile(join(target, "package.json"), "utf8"))).toEqual({
    name: "slipway",
    version: "1.2.3",
    private: true,
    type: "module",
    main: "dist/functions.mjs",
  })
})

test("without the bundle there is no package", async () => {
  const root = await repository({ "package.json": MANIFEST, "host.json": "{}" })

  await expect(assemblePackage(root, join(root, "package"))).rejects.toThrow("functions.mjs")
})

test("azd packages the folder that the hook makes, for the app that the templates tag", async () => {
  const azure = await readFile(join(INFRA, "..", "azure.yaml"), "utf8")
  const hook = await readFile(join(INFRA, "hooks", "assemble-package.mjs"), "utf8")
  const app = await readFile(join(INFRA, "modules", "function-app.bicep"), "utf8")

  const [, dist] = /^ {4}dist: (.+)$/m.exec(azure) ?? []
  const [, service] = /^services:\n {2}(\w+):/m.exec(azure) ?? []

  expect(hook).toContain(
    dist
      ?.split("/")
      .map((part) => JSON.stringify(part))
      .join(", "),
  )
  expect(app).toContain(`'azd-service-name': '${service}'`)
  expect(azure).toContain("npm run build && node infra/hooks/assemble-package.mjs")
})
