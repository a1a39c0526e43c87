import { execFileSync } from "node:child_process"
import { lstat, mkdir, readFile, stat, symlink, truncate, writeFile } from "node:fs/promises"
import { describe, expect, test } from "vitest"
import { readRunFile, writeRunFile } from "../../../builder/steps/read-run-file.ts"
import { makePlaces } from "./step-world.ts"

const STEP = { workingDirectory: "", volumeMounts: [] }

describe("reading a file that a step names", () => {
  test("gives what is in it", async () => {
    const places = await makePlaces()
    await writeFile(`${places.workspace}/env`, "A=1\n")

    expect((await readRunFile("env", STEP, places)).toString()).toBe("A=1\n")
  })

  test("does not wait at a pipe that nobody writes to", async () => {
    const places = await makePlaces()
    execFileSync("/bin/sh", ["-c", 'mkfifo "$1"', "sh", `${places.workspace}/pipe`])

    await expect(readRunFile("pipe", STEP, places)).rejects.toThrow('"pipe" is no file')
  })

  test("refuses a folder, a file that would fill memory, and a link out of the run", async () => {
    const places = await makePlaces()
    await mkdir(`${places.workspace}/folder`)
    await writeFile(`${places.workspace}/large`, "")
    await truncate(`${places.workspace}/large`, 4 * 1024 * 1024 + 1)
    await writeFile(`${places.outside}/key`, "secret")
    await symlink(`${places.outside}/key`, `${places.workspace}/link`)

    await expect(readRunFile("folder", STEP, places)).rejects.toThrow("is no file")
    await expect(readRunFile("large", STEP, places)).rejects.toThrow("is larger than 4194304 bytes")
    await expect(readRunFile("link", STEP, places)).rejects.toThrow("leads out of /workspace")
  })
})

describe("writing a file that a step names", () => {
  test("puts it in place of a link and leaves alone what that led to", async () => {
    const places = await makePlaces()
    await writeFile(`${places.outside}/key`, "kept")
    await symlink(`${places.outside}/key`, `${places.workspace}/id`)

    await writeRunFile("id", "sha256:1", STEP, places)

    expect(await readFile(`${places.outside}/key`, "utf8")).toBe("kept")
    expect((await lstat(`${places.workspace}/id`)).isFile()).toBe(true)
    expect(await readFile(`${places.workspace}/id`, "utf8")).toBe("sha256:1")
  })

  test("writes into no folder that a link leads to", async () => {
    const places = await makePlaces()
    await symlink(places.outside, `${places.workspace}/out`)

    await expect(writeRunFile("out/id", "x", STEP, places)).rejects.toThrow("leads out of /workspace")

    await expect(stat(`${places.outside}/id`)).rejects.toThrow("ENOENT")
  })
})
