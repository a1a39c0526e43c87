import { mkdtemp, realpath, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, onTestFinished, test } from "vitest"
import { acbArguments, findAcb } from "../../bench/acb.ts"

const login = { loginServer: "reg.example", userName: "user", password: "secret" }

/** A folder with a program called acb. */
async function folderWithAcb(script: string): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "slipway-acb-")))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  await writeFile(join(folder, "acb"), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  return folder
}

test("acb is the one on the search path, or nobody", async () => {
  const folder = await folderWithAcb("true")

  expect(await findAcb({}, { PATH: `/nowhere:${folder}` })).toBeDefined()
  expect(await findAcb({}, { PATH: "/nowhere" })).toBeUndefined()
})

test("the setting wins over the search path, and the run is timed in the task's folder", async () => {
  const folder = await folderWithAcb('test "$(pwd)" = "$5" && test "$ENGINE" = mine')
  const acb = await findAcb({ ENGINE: "mine" }, { PATH: "/usr/bin:/bin", SLIPWAY_BENCH_ACB: join(folder, "acb") })

  expect(await acb?.exec(folder, login)).toBeGreaterThan(0)
})

test("a run that fails tells acb's last line", async () => {
  const folder = await folderWithAcb("echo first >&2; echo failed to run step ID: build >&2; exit 1")
  const acb = await findAcb({}, { PATH: folder, SLIPWAY_BENCH_ACB: "" })

  await expect(acb?.exec(folder, login)).rejects.toThrow(/^failed to run step ID: build$/)
})

test("acb is given its task, home volume, registry and login as ACR gives them", () => {
  const words = acbArguments("/ws", login)

  expect(words.slice(0, 9)).toEqual([
    "exec",
    "-f",
    "acr-task.yaml",
    "--homevol",
    "/ws",
    "-r",
    "reg.example",
    "--id",
    "ca1",
  ])
  expect(JSON.parse(words[10] ?? "")).toEqual({
    registry: "reg.example",
    username: "user",
    userNameProviderType: "opaque",
    password: "secret",
    passwordProviderType: "opaque",
  })
})
