import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import { checkDockerfile } from "../../../builder/engine/read-build-file.ts"

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-dockerfile-"))
  await mkdir(join(folder, "context"))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const check = (path: string, target?: string) =>
  checkDockerfile({
    ...{ contextFolder: join(folder, "context"), dockerfilePath: join(folder, path), images: [], buildArguments: [] },
    ...{
      platforms: ["linux/amd64"],
      noCache: false,
      cache: { isRead: false, isWritten: false },
      labels: {},
      onLine: () => {},
    },
    target,
  })

test("knows the bases and the target as it is spelt", async () => {
  await writeFile(join(folder, "context/Dockerfile"), "FROM r.io/a AS One\nFROM r.io/b\n")

  expect(await check("context/Dockerfile", "ONE")).toMatchObject({ bases: ["r.io/a:latest"], target: "One" })
  expect(await check("context/Dockerfile", "")).toMatchObject({ bases: ["r.io/b:latest"], target: undefined })
  expect(await check("context/Dockerfile", "nope")).toMatchObject({ bases: [], target: "nope" })
})

test("a link may lead around inside the context and not out of it, also by way of a folder", async () => {
  await writeFile(join(folder, "outside"), "FROM a")
  await writeFile(join(folder, "context/inside"), "FROM a")
  await symlink("inside", join(folder, "context/good"))
  await symlink("../outside", join(folder, "context/bad"))
  await symlink("..", join(folder, "context/up"))

  expect(await check("context/good")).toMatchObject({ text: "FROM a" })
  expect(await check("outside")).toMatchObject({ text: "FROM a" })
  for (const path of ["context/bad", "context/up/outside"]) {
    await expect(check(path)).rejects.toMatchObject({ code: "DockerfileInvalid" })
  }
})

test("a file without FROM reaches no engine", async () => {
  await writeFile(join(folder, "context/Dockerfile"), "ARG V=1\n# FROM a\n")

  await expect(check("context/Dockerfile")).rejects.toMatchObject({ code: "DockerfileInvalid" })
})
