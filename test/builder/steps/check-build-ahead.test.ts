import { mkdir, writeFile } from "node:fs/promises"
import { expect, test } from "vitest"
import { checkBuildAhead } from "../../../builder/steps/check-build-ahead.ts"
import { buildStep, stepWorld } from "./step-world.ts"

async function check(text: string, dockerfile?: string): Promise<void> {
  const { deps, fake } = await stepWorld()
  fake.engine.missingEmulation = async (platform) =>
    platform === "linux/amd64" ? undefined : `programs of ${platform} need a handler`
  await mkdir(`${deps.places.workspace}/app`)
  if (dockerfile !== undefined) await writeFile(`${deps.places.workspace}/app/Dockerfile`, dockerfile)
  await checkBuildAhead(buildStep(text), deps)
}

test.each([
  ["--platform linux/arm64 app", "FROM base\nRUN true\n", "programs of linux/arm64 need a handler"],
  ["app", "FROM --platform=linux/arm/v7 base\nRUN true\n", "programs of linux/arm/v7 need a handler"],
  ["--build-arg P=linux/s390x app", "ARG P\nFROM --platform=$P base\nRUN true\n", "programs of linux/s390x"],
  ["--platform windows app", "FROM base\n", "no Windows builder"],
])("%s is refused before its turn has come", async (text, dockerfile, problem) => {
  await expect(check(text, dockerfile)).rejects.toThrow(problem)
})

test.each([
  ["a build that runs nothing of it", "--platform linux/arm64 app", "FROM base\nCOPY a /\n"],
  ["one that is made by then", "--platform linux/arm64 app", undefined],
  ["a text that needs a shell", "--platform linux/$ARCH app", "FROM base\nRUN true\n"],
  ["sources that are fetched", "--platform linux/arm64 https://h.example/a.git", undefined],
  ["a text with mistakes", "--platform", undefined],
  ["a folder that is no folder of the run", "--platform linux/arm64 ../..", undefined],
])("%s is left to its own time", async (_what, text, dockerfile) => {
  await expect(check(text, dockerfile)).resolves.toBeUndefined()
})
