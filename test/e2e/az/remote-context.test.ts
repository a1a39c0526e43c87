import { afterAll, beforeAll, describe, expect, inject, it } from "vitest"
import { az } from "../setup/az-client.ts"
import { lastLineOf } from "../setup/az-output.ts"
import { pushBaseImage, type RegistryTarget, stackRegistry } from "../setup/base-image.ts"
import { tarball } from "../setup/contexts.ts"
import { GIT_TOKEN, type GitServer, startGitServer } from "../setup/git-server.ts"
import { pushArtifact } from "../setup/push-artifact.ts"
import { readStack, type TestStack } from "../setup/test-stack.ts"

const BUILD = ["acr", "build", "-r", "slipway", "--no-push"]
let stack: TestStack
let registry: RegistryTarget
let git: GitServer
let base: string
let commits: string[]

beforeAll(async () => {
  stack = await readStack(inject("stackEnv"))
  registry = await stackRegistry(stack)
  base = (await pushBaseImage(registry, "base/busybox", "1")).image
  git = await startGitServer()
  const file = (what: string) => ({ Dockerfile: dockerfile("note"), note: `note-of-${what}\n` })
  commits = await git.addRepository("app", [
    { branch: "main", tag: "v1", files: file("the-tag") },
    { branch: "main", files: { ...file("the-second-commit"), "sub/other.Dockerfile": dockerfile("in-sub") } },
    { branch: "release/2.0", files: { "sub/in-sub": "note-of-the-folder\n" } },
    { branch: "main", files: file("the-newest-commit") },
  ])
  const signedIn = await az(stack, ["account", "show", "-o", "json"])
  expect(signedIn.code, signedIn.stderr).toBe(0)
})
afterAll(() => git.close())

function dockerfile(note: string): string {
  return `FROM ${base}\nCOPY ${note} /note\nRUN cat /note\n`
}

describe("az acr build from a repository", () => {
  it("takes the default branch, a tag and a commit, and says which commit it built", async () => {
    const url = git.url("app")

    const results = await Promise.all(
      [url, `${url}#v1`, `${url}#${commits[1]}`].map((source) => az(stack, [...BUILD, source])),
    )

    for (const { code, stdout, stderr } of results) {
      expect(code, stdout + stderr).toBe(0)
      expect(stdout + stderr).not.toContain(GIT_TOKEN)
    }
    const [newest, tagged, second] = results.map(({ stdout }) => stdout)
    expect(newest).toContain("note-of-the-newest-commit")
    expect(newest).toContain(`git-head-revision: ${commits[3]}`)
    expect(tagged).toContain("note-of-the-tag")
    expect(tagged).toContain(`git-head-revision: ${commits[0]}`)
    expect(second).toContain("note-of-the-second-commit")
    expect(second).toContain(`git-head-revision: ${commits[1]}`)
  })

  it("takes a folder of a branch with a Dockerfile in it, and says why a repository cannot be read", async () => {
    const url = git.url("app")

    const [folder, refused, absent] = await Promise.all([
      az(stack, [...BUILD, "-f", "other.Dockerfile", `${url}#release/2.0:sub`]),
      az(stack, [...BUILD, url.replace(GIT_TOKEN, "wrong-t0ken")]),
      az(stack, [...BUILD, `${url}#nothere`]),
    ])

    expect(folder.code, folder.stdout + folder.stderr).toBe(0)
    expect(folder.stdout).toContain("note-of-the-folder")
    expect([refused.code, absent.code]).toEqual([1, 1])
    expect(lastLineOf(refused.stdout)).toMatch(/failed after \d+s\. Error: .*(credential|token|login|401)/i)
    expect(refused.stdout + refused.stderr).not.toContain("wrong-t0ken")
    expect(lastLineOf(absent.stdout)).toMatch(/Error: .*nothere/)
  })
})

describe("az acr build from what else az takes", () => {
  it("takes an archive by HTTP, and an artifact of files or of a packed folder", async () => {
    const packedWith = (note: string) =>
      tarball([
        ["Dockerfile", dockerfile("note")],
        ["note", note],
      ])
    const url = git.addArchive("app.tar.gz", packedWith("note-of-the-archive\n"))
    const files = await pushArtifact(registry, "sources/files", "v1", [
      { title: "Dockerfile", content: Buffer.from(dockerfile("note")) },
      { title: "note", content: Buffer.from("note-of-the-artifact\n") },
    ])
    const packed = await pushArtifact(registry, "sources/packed", "v1", [
      { title: ".", content: packedWith("note-of-the-folder-in-it\n"), isPackedFolder: true },
    ])

    const results = await Promise.all([
      az(stack, [...BUILD, url]),
      az(stack, [...BUILD, `oci://${files}`]),
      az(stack, [...BUILD, `oci://${packed}`]),
    ])

    for (const { code, stdout, stderr } of results) expect(code, stdout + stderr).toBe(0)
    expect(results[0]?.stdout).toContain("note-of-the-archive")
    expect(results[1]?.stdout).toContain("note-of-the-artifact")
    expect(results[2]?.stdout).toContain("note-of-the-folder-in-it")
  })

  it("runs a task file of an archive or an artifact, and names what is not there", async () => {
    const task = `steps:\n  - cmd: ${base} cat note\n`
    const url = git.addArchive(
      "task.tar",
      tarball([
        ["acb.yaml", task],
        ["note", "note-beside-the-task\n"],
      ]),
    )
    const artifact = await pushArtifact(registry, "sources/task", "v1", [
      { title: "acb.yaml", content: Buffer.from(task) },
      { title: "note", content: Buffer.from("note-in-the-artifact\n") },
    ])

    const [fromArchive, fromArtifact, absent] = await Promise.all([
      az(stack, ["acr", "run", "-r", "slipway", url]),
      az(stack, ["acr", "run", "-r", "slipway", `oci://${artifact}`]),
      az(stack, ["acr", "run", "-r", "slipway", `oci://${registry.loginServer}/sources/nothere:v1`]),
    ])

    expect(fromArchive.code, fromArchive.stdout + fromArchive.stderr).toBe(0)
    expect(fromArchive.stdout).toContain("note-beside-the-task")
    expect(fromArtifact.code, fromArtifact.stdout + fromArtifact.stderr).toBe(0)
    expect(fromArtifact.stdout).toContain("note-in-the-artifact")
    expect(absent.code).toBe(1)
    expect(lastLineOf(absent.stdout)).toMatch(/Error: .*sources\/nothere:v1.* was not found/)
  })
})
