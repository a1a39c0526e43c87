import { afterAll, beforeAll, describe, expect, inject, it } from "vitest"
import { type ArmClient, createArmClient } from "../setup/arm-client.ts"
import { az } from "../setup/az-client.ts"
import { lastLineOf } from "../setup/az-output.ts"
import { type QueuedRun, queueByAz } from "../setup/az-queue.ts"
import { pushBaseImage, type RegistryTarget, stackRegistry } from "../setup/base-image.ts"
import { tarball } from "../setup/contexts.ts"
import { GIT_TOKEN, type GitServer, startGitServer } from "../setup/git-server.ts"
import { pushArtifact } from "../setup/push-artifact.ts"
import { readStack, type TestStack } from "../setup/test-stack.ts"

const BUILD = ["acr", "build", "-r", "slipway", "--no-push"]
const RUN = ["acr", "run", "-r", "slipway"]
let stack: TestStack
let arm: ArmClient
let registry: RegistryTarget
let git: GitServer
let base: string
let commits: string[]

beforeAll(async () => {
  stack = await readStack(inject("stackEnv"))
  arm = await createArmClient(stack)
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
afterAll(async () => {
  arm.close()
  await git.close()
})

function queue(command: string[], sources: string[]): Promise<QueuedRun[]> {
  return Promise.all(sources.map((source) => queueByAz(stack, arm, [...command, source])))
}

function dockerfile(note: string): string {
  return `FROM ${base}\nCOPY ${note} /note\nRUN cat /note\n`
}

describe("az acr build from a repository", () => {
  it("takes the default branch, a tag and a commit, and says which commit it built", async () => {
    const url = git.url("app")

    const results = await queue(BUILD, [url, `${url}#v1`, `${url}#${commits[1]}`])

    for (const { status, stdout, stderr, log } of results) {
      expect(status, log).toBe("Succeeded")
      expect(stdout + stderr + log).not.toContain(GIT_TOKEN)
    }
    const [newest, tagged, second] = results.map(({ log }) => log)
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
      queueByAz(stack, arm, [...BUILD, "-f", "other.Dockerfile", `${url}#release/2.0:sub`]),
      az(stack, [...BUILD, url.replace(GIT_TOKEN, "wrong-t0ken")]),
      queueByAz(stack, arm, [...BUILD, `${url}#nothere`]),
    ])

    expect(folder.status, folder.log).toBe("Succeeded")
    expect(folder.log).toContain("note-of-the-folder")
    expect([refused.code, absent.status]).toEqual([1, "Failed"])
    expect(lastLineOf(refused.stdout)).toMatch(/failed after \d+s\. Error: .*(credential|token|login|401)/i)
    expect(refused.stdout + refused.stderr).not.toContain("wrong-t0ken")
    expect(lastLineOf(absent.log)).toMatch(/Error: .*nothere/)
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

    const results = await queue(BUILD, [url, `oci://${files}`, `oci://${packed}`])

    for (const { status, log } of results) expect(status, log).toBe("Succeeded")
    expect(results[0]?.log).toContain("note-of-the-archive")
    expect(results[1]?.log).toContain("note-of-the-artifact")
    expect(results[2]?.log).toContain("note-of-the-folder-in-it")
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

    const absent = `oci://${registry.loginServer}/sources/nothere:v1`

    const [fromArchive, fromArtifact, missing] = await queue(RUN, [url, `oci://${artifact}`, absent])

    expect(fromArchive?.status, fromArchive?.log).toBe("Succeeded")
    expect(fromArchive?.log).toContain("note-beside-the-task")
    expect(fromArtifact?.status, fromArtifact?.log).toBe("Succeeded")
    expect(fromArtifact?.log).toContain("note-in-the-artifact")
    expect(missing?.status).toBe("Failed")
    expect(lastLineOf(missing?.log ?? "")).toMatch(/Error: .*sources\/nothere:v1.* was not found/)
  })
})
