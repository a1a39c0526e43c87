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
import { importImage, importPack } from "../setup/import-pack.ts"
import { importRealPack } from "../setup/real-pack.ts"
import { poll, readStack, startTestStack, type TestStack } from "../setup/test-stack.ts"

const run = promisify(execFile)
const isReal = process.env.SLIPWAY_TEST_PACK === "real"

/** What a lifecycle does with the one buildpack that this builder has: detect, build, and say how the image is started. */
const CREATOR = `#!/bin/sh
set -eu
cd /workspace
[ -S /var/run/docker.sock ] || { echo "ERROR: no engine to export to." >&2; exit 62; }
[ -f app.txt ] || { echo "ERROR: No buildpack groups passed detection." >&2; exit 20; }
echo "===> BUILDING $1 for $REGISTRY_NAME"
mkdir -p /cnb/process
cp app.txt /cnb/process/app.txt
printf '#!/bin/sh\\ncat /cnb/process/app.txt\\n' >/cnb/process/web
chmod +x /cnb/process/web
`

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
  const image = "mcr.microsoft.com/oryx/pack:stable"
  if (isReal) {
    const runImage = `${registry.loginServer}/builders/run:v1`
    await importRealPack(choice, { image, builder, runImage, folder })
    await publish(runImage)
  } else {
    await importStandIn(image)
  }
  await docker("tag", image, "mcr.microsoft.com/oryx/pack:other")
  await publish(builder)
})
afterAll(async () => {
  await stack?.stop()
  await rm(folder, { recursive: true, force: true })
})

async function importStandIn(image: string): Promise<void> {
  const creator = { path: "cnb/lifecycle/creator", content: CREATOR, mode: 0o755 }
  const workspace = { path: "workspace/", type: "Directory" as const, mode: 0o755 }
  await Promise.all([importImage(choice, builder, [creator, workspace], ["ENV PATH=/bin"]), importPack(choice, image)])
}

async function folderOf(name: string, files: Record<string, string>): Promise<string> {
  const where = path.join(folder, name)
  await mkdir(where)
  for (const [file, text] of Object.entries(files)) await writeFile(path.join(where, file), text)
  return where
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

// The image that az names cannot be had without internet: its entry point here is a script that drives the engine as pack does, or the
// real program where it was asked for (npm run test:pack).
describe(`az acr pack build, with ${isReal ? "the real pack" : "a stand-in for pack"}`, () => {
  it("builds with the builder's lifecycle, pushes what it made, and is refused where steps have no socket", async () => {
    const shared = await readStack(inject("stackEnv"))

    const [pulled, refused] = await Promise.all([
      pack(stack, "--builder", builder, "--pull", "-t", "packed/pulled:{{.Run.ID}}", app),
      pack(shared, "--builder", "builders/any", "-t", "packed/refused:v1", app),
    ])

    expect(pulled.code, pulled.stdout + pulled.stderr).toBe(0)
    image = `${registry.loginServer}/packed/pulled:${runIdOf(pulled.stderr)}`
    expect(pulled.stdout).toMatch(new RegExp(`===> BUILDING .*for ${registry.loginServer}`))
    expect(pulled.stdout).toContain(`Successfully pushed image: ${image}`)
    expect(await digestInRegistry(registry, "packed/pulled", runIdOf(pulled.stderr))).toMatch(/^sha256:/)
    expect(refused.code).toBe(1)
    expect(lastLineOf(refused.stdout)).toMatch(/Error: failed to run step ID: acb_step_0: .*SLIPWAY_STEP_RIGHTS=socket/)
  })

  it("takes a builder that is there already and another version of pack, and fails as pack does", async () => {
    const empty = await folderOf("empty", { "readme.md": "nothing\n" })
    // Without --pull az says --no-pull, which the real pack has no more.
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
    expect(lastLineOf(undetected.stdout)).toMatch(/Error: failed to run step ID: acb_step_0: exit status (?:20|1)$/)
    expect(await digestInRegistry(registry, "packed/undetected", "v1")).toBeUndefined()
    expect(started.code, started.stdout + started.stderr).toBe(0)
    expect(started.stdout).toContain("the app speaks")
  })
})
