import { readFile, stat, writeFile } from "node:fs/promises"
import path from "node:path"
import { describe, expect, test } from "vitest"
import { buildSettings } from "../../../builder/steps/build-settings.ts"
import type { PlannedBuild } from "../../../builder/steps/step-deps.ts"
import { type BuildCommand, readBuildCommand } from "../../../shared/task-file/commands/read-build-command.ts"
import { buildStep, stepWorld } from "./step-world.ts"

function commandOf(words: string[]): BuildCommand {
  const read = readBuildCommand([...words, "."])
  if (!read.ok) throw new Error(read.problems.join(" "))
  return read.command
}

async function settingsOf(words: string[], step: Partial<PlannedBuild> = {}, rights: "host-network"[] = []) {
  const world = await stepWorld({ rights: new Set(rights) })
  const settings = () => buildSettings(commandOf(words), buildStep(".", step), world.deps)
  return { ...world, settings }
}

describe("options of a build step", () => {
  test("that cannot be had are told all at once, with their reasons", async () => {
    const { settings } = await settingsOf(["--push", "--output=out", "--ssh=default", "--add-host=a:1.2.3.4"])

    const message = await settings().catch((error: Error) => error.message)

    for (const name of ["push", "output", "ssh", "add-host"]) expect(message).toContain(`--${name} is not supported: `)
  })

  test("without effect are warned of, and those that are so anyway are not", async () => {
    const { said, settings } = await settingsOf(["--memory=1g", "--squash", "--cache-to=type=inline", "--rm", "--load"])

    await settings()

    expect(said).toEqual(["WARNING: --squash, --memory, --cache-to: without effect on a build here."])
  })

  test("name images of registries as caches, and nothing else", async () => {
    const from = ["a.io/b:c", "type=registry,ref=d.io/e", "type=local,src=x", "type=s3,ref=f.io/g"]
    const { settings } = await settingsOf(from.map((text) => `--cache-from=${text}`))

    expect((await settings()).cacheFrom).toEqual(["a.io/b:c", "d.io/e"])
  })

  test("host's network is the operator's to allow; other networks are no builder's", async () => {
    const refused = await settingsOf(["--network=host"])
    const allowed = await settingsOf(["--network=host"], {}, ["host-network"])
    const unknown = await settingsOf(["--network=mine"])

    await expect(refused.settings()).rejects.toThrow("SLIPWAY_STEP_RIGHTS=host-network")
    expect((await allowed.settings()).network).toBe("host")
    await expect(unknown.settings()).rejects.toThrow("none, host or default are")
  })
})

describe("secrets of a build step", () => {
  test("of a file are a copy that only we can read, under a name without a comma", async () => {
    const { places, settings } = await settingsOf(["--secret=id=tok,src=a"], {})
    await writeFile(`${places.workspace}/a`, "t0ken")

    const [secret] = (await settings()).secrets ?? []

    expect(secret?.id).toBe("tok")
    expect(path.dirname(secret?.file ?? "")).toBe(places.temporary)
    expect(secret?.file).not.toContain(",")
    expect(await readFile(secret?.file ?? "", "utf8")).toBe("t0ken")
    expect((await stat(secret?.file ?? "")).mode & 0o077).toBe(0)
  })

  test("of a variable are the step's own, and a variable that it lacks is named", async () => {
    const { settings } = await settingsOf(["--secret=id=tok,env=TOKEN"], { env: ["TOKEN=a=b"] })
    const lacking = await settingsOf(["--secret=id=PATH,type=env"])

    const [secret] = (await settings()).secrets ?? []

    expect(await readFile(secret?.file ?? "", "utf8")).toBe("a=b")
    await expect(lacking.settings()).rejects.toThrow("the step has no variable PATH")
  })
})

test("a named context is a folder of the run, an image or a URL", async () => {
  const { places, settings } = await settingsOf(["--build-context=a=.", "--build-context=b=docker-image://c.io/d"])
  const outside = await settingsOf(["--build-context=a=/etc"])

  expect((await settings()).contexts).toEqual([
    { name: "a", value: places.workspace },
    { name: "b", value: "docker-image://c.io/d" },
  ])
  await expect(outside.settings()).rejects.toThrow("is no path of the run")
})
