import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import type { BuildPlan } from "../../../builder/engine/bake-definition.ts"
import { writeDockerfile } from "../../../builder/engine/write-dockerfile.ts"

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-write-dockerfile-"))
  await mkdir(join(folder, "context"))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const write = (buildArguments: BuildPlan["buildArguments"] = []) =>
  writeDockerfile(
    folder,
    7,
    {
      ...{ contextFolder: join(folder, "context"), dockerfilePath: join(folder, "context/Dockerfile.in") },
      ...{
        localName: "a",
        target: undefined,
        buildArguments,
        platforms: ["linux/amd64"],
        isClassic: false,
        noCache: false,
        labels: {},
      },
      ...{ cacheFrom: [], cacheTo: undefined, ownImages: [] },
    },
    "FROM a\n",
  )

test("the checked text goes into a file whose name no Dockerfile's author chooses", async () => {
  const { dockerfilePath, ignoreFile } = await write()

  expect(dockerfilePath).toBe(join(folder, "build-7.Dockerfile"))
  expect(await readFile(dockerfilePath, "utf8")).toBe("FROM a\n")
  expect(ignoreFile).toBeUndefined()
})

test("the file's own ignore file comes along", async () => {
  await writeFile(join(folder, "context/Dockerfile.in.dockerignore"), "secret\n")

  const { ignoreFile } = await write()

  expect(ignoreFile).toBe(join(folder, "build-7.Dockerfile.dockerignore"))
  expect(await readFile(ignoreFile ?? "", "utf8")).toBe("secret\n")
})

test("an ignore file that is a link out of the context does not", async () => {
  await writeFile(join(folder, "outside"), "x\n")
  await symlink("../outside", join(folder, "context/Dockerfile.in.dockerignore"))

  expect((await write()).ignoreFile).toBeUndefined()
})
