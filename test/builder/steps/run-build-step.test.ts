import { mkdir, readFile, writeFile } from "node:fs/promises"
import { describe, expect, test } from "vitest"
import { EngineError } from "../../../builder/engine/engine-error.ts"
import { runBuildStep } from "../../../builder/steps/run-build-step.ts"
import type { PlannedBuild, StepDeps } from "../../../builder/steps/step-deps.ts"
import { buildStep, stepWorld } from "./step-world.ts"

/** A workspace with `app/Dockerfile` and `app/Other`. */
async function worldOf(build: string, step: Partial<PlannedBuild> = {}, changes: Partial<StepDeps> = {}) {
  const world = await stepWorld(changes)
  await mkdir(`${world.places.workspace}/app`)
  await writeFile(`${world.places.workspace}/app/Dockerfile`, "FROM base\n")
  await writeFile(`${world.places.workspace}/app/Other`, "FROM other\n")
  const run = () => runBuildStep(buildStep(build, step), world.attempt, world.deps)
  return { ...world, run }
}

describe("a build step", () => {
  test("hands the engine what its text says", async () => {
    const { fake, places, run, deps, said } = await worldOf(
      "-t reg.example/a:1 -t reg.example/b --target t --build-arg A=1 --build-arg B --build-arg C --label l=v app",
      { env: ["B=of the step"] },
    )

    await run()

    expect(fake.lastBuild).toMatchObject({
      contextFolder: `${places.workspace}/app`,
      dockerfilePath: `${places.workspace}/app/Dockerfile`,
      images: ["reg.example/a:1", "reg.example/b:latest"],
      target: "t",
      // Of a name alone the step's value, never the machine's.
      buildArguments: [
        { name: "A", value: "1" },
        { name: "B", value: "of the step" },
      ],
      platforms: ["linux/amd64"],
      labels: { l: "v" },
      isContextShared: true,
    })
    expect(deps.images.builds).toMatchObject([{ stepId: "one", dockerfile: "FROM base\n", target: "t" }])
    expect(said.at(-1)).toBe("Successfully executed container: one")
  })

  test("has its arguments hidden before the engine prints anything", async () => {
    const { fake, run, hidden } = await worldOf("--build-arg NPM_TOKEN=hunter2token --build-arg B app", {
      env: ["B=anything of it"],
    })
    fake.onBuild = async () => {
      expect(hidden).toEqual(["hunter2token", "hunter2token", "anything of it"])
      return { imageId: "sha256:1", bases: [] }
    }

    await run()

    expect(hidden).toHaveLength(3)
  })

  test("counts -f and its context from its working directory", async () => {
    const { fake, places, run } = await worldOf("-f Other .", { workingDirectory: "app" })

    await run()

    expect(fake.lastBuild?.dockerfilePath).toBe(`${places.workspace}/app/Other`)
    expect(fake.lastBuild?.contextFolder).toBe(`${places.workspace}/app`)
  })

  test.each([
    ["a repository that a step pushes to", "reg.example/pushed", {}, true],
    ["one that no step pushes to", "reg.example/other", {}, false],
    ["one that its step asks a cache for", "reg.example/other", { cache: "enabled" }, true],
    ["a registry without a login", "foreign.example/pushed", { cache: "enabled" }, false],
    ["one that its step wants no cache for", "reg.example/pushed", { cache: "disabled" }, false],
  ] as const)("writes a layer cache, or none, to %s", async (_, repository, step, isWritten) => {
    const { fake, run } = await worldOf(`-t ${repository}:1 app`, step)

    await run()

    expect(fake.lastBuild?.cache.isWritten).toBe(isWritten)
  })

  test("writes the image's id where its text says", async () => {
    const { places, run } = await worldOf("--iidfile id app")

    await run()

    expect(await readFile(`${places.workspace}/id`, "utf8")).toBe("sha256:1")
  })

  test("is tried again when a registry was away, and not after a failure of its own", async () => {
    const away = await worldOf("app")
    const wrong = await worldOf("app")
    const failures = [new EngineError("RegistryUnavailable", "no answer")]
    away.fake.onBuild = async () => {
      const failure = failures.pop()
      if (failure !== undefined) throw failure
      return { imageId: "sha256:2", bases: [] }
    }
    wrong.fake.onBuild = () => Promise.reject(new EngineError("BuildFailed", "exit code: 1"))

    await away.run()
    await expect(wrong.run()).rejects.toThrow("exit code: 1")

    expect(away.fake.asked.length).toBe(2)
    expect(away.said[0]).toContain("no answer")
    expect(wrong.fake.asked.length).toBe(1)
  })

  test.each([
    ["/dev/null", "is no context of a build"],
    ["none", 'there is no "none"'],
    ["-t A:1 app", "invalid reference format"],
    ["-f none app", "was not found in the source code"],
    ["-f ../Dockerfile app", "outside the source code"],
  ])("with the text %j asks no engine: %s", async (text, problem) => {
    const { fake, run } = await worldOf(text)

    await expect(run()).rejects.toThrow(problem)

    expect(fake.asked).toEqual([])
  })

  test("for another processor says what the machine lacks before the engine begins", async () => {
    const { fake, run, places } = await worldOf("--platform linux/arm64 app")
    await writeFile(`${places.workspace}/app/Dockerfile`, "FROM base\nRUN true\n")
    fake.engine.missingEmulation = async (platform) => `programs of ${platform} need a handler`

    await expect(run()).rejects.toThrow("programs of linux/arm64 need a handler")

    expect(fake.asked).toEqual([])
  })
})

test.each(["windows", "Windows/amd64", "darwin/arm64"])(
  "no build makes a Linux image that says %s",
  async (platform) => {
    const { fake, run, places } = await worldOf(`--platform ${platform} app`)
    await writeFile(`${places.workspace}/app/Dockerfile`, "FROM base\nCOPY a /\n")

    await expect(run()).rejects.toThrow(
      /^platform (windows\/amd64: no Windows|darwin\/arm64: no darwin) builder is connected/,
    )

    expect(fake.asked).toEqual([])
  },
)

test.each([
  ["-t reg.example/pushed:1 app", { isRead: true, isWritten: true }],
  ["-t reg.example/other:1 app", { isRead: true, isWritten: false }],
  ["-t mine/app:1 app", { isRead: false, isWritten: false }],
  ["-t app app", { isRead: false, isWritten: false }],
  ["app", { isRead: false, isWritten: false }],
])("%s has a layer cache only where the run is signed in: %j", async (text, cache) => {
  const { fake, run } = await worldOf(text)

  await run()

  expect(fake.lastBuild?.cache).toEqual(cache)
})

test("a text that needs a shell fails as the operator's where there is no sandbox", async () => {
  const { run } = await worldOf("-t a:$X app")

  await expect(run()).rejects.toMatchObject({ outcome: "Error", message: expect.stringContaining("bubblewrap") })
})
