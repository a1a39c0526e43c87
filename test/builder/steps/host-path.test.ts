import { mkdir, realpath, symlink, writeFile } from "node:fs/promises"
import { describe, expect, test } from "vitest"
import { hostPath, workingDirectoryOf } from "../../../builder/steps/host-path.ts"
import { makePlaces } from "./step-world.ts"

const AT_ROOT = { workingDirectory: "", volumeMounts: [] }

async function filledPlaces() {
  const places = await makePlaces()
  await mkdir(`${places.workspace}/app`)
  await mkdir(`${places.volumes}/keys`)
  await Promise.all([
    ...[`${places.workspace}/app/file`, `${places.volumes}/keys/file`, `${places.home}/file`].map((path) =>
      writeFile(path, ""),
    ),
    writeFile(`${places.outside}/file`, ""),
    symlink(places.outside, `${places.workspace}/out`),
    symlink("app", `${places.workspace}/in`),
  ])
  return places
}

describe("a path of a step", () => {
  test("counts from its working directory, and may lie in the run's home", async () => {
    const places = await filledPlaces()
    const workspace = await realpath(places.workspace)

    expect(await hostPath("file", { ...AT_ROOT, workingDirectory: "app" }, places)).toBe(`${workspace}/app/file`)
    expect(await hostPath("/acb/home/file", AT_ROOT, places)).toBe(`${await realpath(places.home)}/file`)
  })

  test("is one of a volume where that is mounted, also within the workspace", async () => {
    const places = await filledPlaces()
    const step = { workingDirectory: "", volumeMounts: [{ name: "keys", mountPath: "/workspace/app/" }] }

    expect(await hostPath("app/file", step, places)).toBe(`${await realpath(places.volumes)}/keys/file`)
  })

  test("is one of the inner of two volumes, whichever is named first", async () => {
    const places = await filledPlaces()
    await mkdir(`${places.volumes}/outer`)
    const volumeMounts = [
      { name: "outer", mountPath: "/k" },
      { name: "keys", mountPath: "/k/in" },
    ]

    const path = await hostPath("/k/in/file", { workingDirectory: "", volumeMounts }, places)

    expect(path).toBe(`${await realpath(places.volumes)}/keys/file`)
  })

  test("follows links that stay in the workspace and refuses those that leave it", async () => {
    const places = await filledPlaces()

    expect(await hostPath("in/file", AT_ROOT, places)).toBe(`${await realpath(places.workspace)}/app/file`)
    await expect(hostPath("out/file", AT_ROOT, places)).rejects.toThrow("is a link that leads out of /workspace")
    await expect(hostPath("out", AT_ROOT, places)).rejects.toThrow("is a link that leads out of /workspace")
  })

  test.each([
    ["/etc/passwd", "is no path of the run"],
    ["../x", "is no path of the run"],
    ["/workspaces", "is no path of the run"],
    ["none", "there is no"],
  ])("%s: %s", async (path, problem) => {
    await expect(hostPath(path, AT_ROOT, await filledPlaces())).rejects.toThrow(problem)
  })
})

test("a working directory that leaves the workspace is the user's mistake", () => {
  expect(() => workingDirectoryOf({ workingDirectory: "../x", volumeMounts: [] })).toThrow("leaves /workspace")
})
