import { execFile } from "node:child_process"
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import { promisify } from "node:util"
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest"
import type { EngineChoice } from "../../../builder/engine/engine.ts"
import { readRunningSupervisor } from "../../../local/supervisor/supervisor-file.ts"
import { az } from "../setup/az-client.ts"
import { lastLineOf, runIdOf } from "../setup/az-output.ts"
import { digestInRegistry, type RegistryTarget, stackRegistry } from "../setup/base-image.ts"
import { createBuilder, importPack } from "../setup/import-pack.ts"
import { createRealBuilder, importRealPack } from "../setup/real-pack.ts"
import { poll, readStack, startTestStack, type TestStack } from "../setup/test-stack.ts"

const run = promisify(execFile)

/** Built by `scripts/real-pack.mjs`; without internet or Go its place is taken by a script that drives the engine as pack does. */
const isReal = process.env.SLIPWAY_TEST_PACK === "real"
const IMAGE = "mcr.microsoft.com/oryx/pack"

let stack: Awaited<ReturnType<typeof startTestStack>>
let choice: EngineChoice
let registry: RegistryTarget
let folder: string
let app: string
let builder: string
/** What the first build has pushed. */
let image: string

beforeAll(async () => {
  stack = await startTestStack({ SLIPWAY_ENGINE_KIND: "private", SLIPWAY_STEP_RIGHTS: "socket" })
  registry = await stackRegistry(stack)
  choice = await poll("the engine to be chosen", async () => readRunningSupervisor(stack.state.dataFolder)?.engine)
  folder = await mkdtemp(path.join(tmpdir(), "slipway-pack-"))
  app = await folderOf("app", { "app.txt": "the app speaks\n" })
  builder = `${registry.loginServer}/builders/tiny:v1`
  const needed = await makePack()
  for (const name of needed) await publish(name)
})
afterAll(async () => {
  await stack?.stop()
  await rm(folder, { recursive: true, force: true })
})

async function folderOf(name: string, files: Record<string, string>): Promise<string> {
  const where = path.join(folder, name)
  await mkdir(where)
  for (const [file, text] of Object.entries(files)) await writeFile(path.join(where, file), text)
  return where
}

/** The two versions of pack and the builder, in the engine; returns what the registry must have. */
async function makePack(): Promise<string[]> {
  if (!isReal) {
    await importPack(choice, `${IMAGE}:stable`)
    await docker("tag", `${IMAGE}:stable`, `${IMAGE}:other`)
    return await createBuilder(choice, builder)
  }
  // pack runs the whole lifecycle in one container of a builder that it trusts, and each phase in one of its own otherwise. It would
  // take the latter's image from the internet; a builder has all that is in it.
  await Promise.all([
    importRealPack(choice, `${IMAGE}:stable`, `[[trusted-builders]]\nname = "${builder}"\n`),
    importRealPack(choice, `${IMAGE}:other`, `lifecycle-image = "${builder}"\n`),
  ])
  return await createRealBuilder(choice, builder, folder)
}

/** Into the registry, and out of the engine. */
async function publish(name: string): Promise<void> {
  const { userName, password } = stack.state.registry
  const auth = Buffer.from(`${userName}:${password}`).toString("base64")
  await mkdir(path.join(folder, ".docker"), { recursive: true })
  const config = path.join(folder, ".docker", "config.json")
  await writeFile(config, JSON.stringify({ auths: { [registry.loginServer]: { auth } } }), { mode: 0o600 })
  await docker("push", name)
  await docker("rmi", name)
}

async function docker(...args: string[]): Promise<string> {
  const env = { PATH: process.env.PATH, HOME: folder, ...choice.env }
  return (await run(choice.command, args, { env })).stdout
}

const pack = (on: TestStack, ...args: string[]) => az(on, ["acr", "pack", "build", "-r", "slipway", ...args])

describe(`az acr pack build, with ${isReal ? "the real pack" : "a stand-in for pack"}`, () => {
  it("builds with the builder's lifecycle, pushes what it made, and is refused where steps have no socket", async () => {
    const shared = await readStack(inject("stackEnv"))

    const [pulled, refused] = await Promise.all([
      pack(stack, "--builder", builder, "--pull", "-t", "packed/pulled:{{.Run.ID}}", app),
      pack(shared, "--builder", "builders/any", "-t", "packed/refused:v1", app),
    ])

    expect(pulled.code, pulled.stdout + pulled.stderr).toBe(0)
    image = `${registry.loginServer}/packed/pulled:${runIdOf(pulled.stderr)}`
    expect(pulled.stdout).toContain(`building for ${registry.loginServer}`)
    expect(pulled.stdout).toContain(`Successfully built image '${image}'`)
    expect(pulled.stdout).toContain(`Successfully pushed image: ${image}`)
    expect(await digestInRegistry(registry, "packed/pulled", runIdOf(pulled.stderr))).toMatch(/^sha256:/)
    expect(refused.code).toBe(1)
    expect(lastLineOf(refused.stdout)).toMatch(/Error: failed to run step ID: acb_step_0: .*SLIPWAY_STEP_RIGHTS=socket/)
  })

  it("takes a builder that is there already and another version of pack, and fails as pack does", async () => {
    const empty = await folderOf("empty", { "readme.md": "nothing\n" })
    // az says --no-pull without --pull, which versions of pack that have --pull-policy in its place do not take.
    const flags = ["--builder", builder, "--pack-image-tag", "other", ...(isReal ? ["--pull"] : [])]

    const [tagged, undetected, started] = await Promise.all([
      pack(stack, ...flags, "-t", `${registry.loginServer}/packed/tagged:v1`, app),
      pack(stack, ...flags, "-t", "packed/undetected:v1", empty),
      az(stack, ["acr", "run", "-r", "slipway", "--cmd", image, "/dev/null"]),
    ])

    expect(tagged.code, tagged.stdout + tagged.stderr).toBe(0)
    expect(await digestInRegistry(registry, "packed/tagged", "v1")).toMatch(/^sha256:/)
    expect(undetected.code).toBe(1)
    expect(undetected.stdout).toContain("No buildpack groups passed detection")
    expect(lastLineOf(undetected.stdout)).toMatch(/Error: failed to run step ID: acb_step_0: exit status 1$/)
    expect(await digestInRegistry(registry, "packed/undetected", "v1")).toBeUndefined()
    expect(started.code, started.stdout + started.stderr).toBe(0)
    expect(started.stdout).toContain("the app speaks")
  })
})
