import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import { afterAll, beforeAll, beforeEach, expect, inject, it } from "vitest"
import { keyLines } from "../../../builder/secrets-of.ts"
import { userGit } from "../../builder/context/git-server.ts"
import { type SshServer, serveSsh } from "../../builder/context/ssh-server.ts"
import { type ArmClient, createArmClient } from "../setup/arm-client.ts"
import { pushBaseImage, stackRegistry } from "../setup/base-image.ts"
import { poll, readStack, type TestStack } from "../setup/test-stack.ts"

const HOST = "localhost"
let stack: TestStack
let arm: ArmClient
let folder: string
let server: SshServer
let commit: string

beforeAll(async () => {
  stack = await readStack(inject("stackEnv"))
  arm = await createArmClient(stack)
  await pushBaseImage(await stackRegistry(stack), "base/busybox", "1")
  folder = await mkdtemp(path.join(tmpdir(), "slipway-git-ssh-"))
  const work = path.join(folder, "work")
  userGit(folder, "init", "--quiet", "--initial-branch=main", work)
  await writeFile(
    path.join(work, "acb.yaml"),
    "steps:\n- cmd: {{.Run.Registry}}/base/busybox:1 sh -c 'cat note; echo at {{.Run.Commit}}'\n",
  )
  await writeFile(path.join(work, "note"), "a note by ssh\n")
  userGit(work, "add", "--all")
  userGit(work, "commit", "--quiet", "--message=one")
  commit = userGit(work, "rev-parse", "HEAD")
  userGit(folder, "clone", "--quiet", "--bare", work, path.join(folder, "served", "app.git"))
  server = await serveSsh(path.join(folder, "served"), path.join(stack.state.dataFolder, "builds"))
})
afterAll(async () => {
  await Promise.all([server.close(), arm.close(), ...files().map((file) => rm(file, { force: true }))])
  await rm(folder, { recursive: true, force: true })
})

/** Where the stack's settings say that key and hosts are. */
const files = () => [stack.env.SLIPWAY_SSH_KEY_FILE!, stack.env.SLIPWAY_SSH_KNOWN_HOSTS_FILE!] as const

beforeEach(async () => {
  const [key, hosts] = files()
  await writeFile(key, server.privateKey, { mode: 0o600 })
  await writeFile(hosts, server.knownHost(HOST))
})

async function run() {
  const runId = await arm.schedule("slipway", {
    type: "FileTaskRunRequest",
    taskFilePath: "acb.yaml",
    sourceLocation: `${server.base(HOST)}/team/app.git`,
  })
  const run = await arm.finished("slipway", runId)
  const { text } = await arm.readLog("slipway", runId)
  return { runId, run, text, last: text.trimEnd().split(/\r?\n/).at(-1) }
}

it("runs a task file of a repository by ssh, and leaves no key behind", async () => {
  const { runId, run: ended, text } = await run()

  expect(ended.status, text).toBe("Succeeded")
  expect(text).toContain("a note by ssh")
  expect(text).toContain(`at ${commit}`)
  expect(server.commands()).toContain("git-upload-pack '/team/app.git'")
  expect(new Set(server.keyModes())).toEqual(new Set(["600"]))
  const builds = path.join(stack.state.dataFolder, "builds")
  await poll("the builder's folder to go", async () => !(await readdir(builds)).some((name) => name.startsWith(runId)))
  for (const line of keyLines({ privateKey: server.privateKey, knownHosts: "" })) {
    expect(text).not.toContain(line)
    expect(server.seen()).not.toContain(line)
  }
})

it("ends in its last line when the host is not known, or there is no key", async () => {
  const [key, hosts] = files()
  await writeFile(hosts, server.knownHost("elsewhere.test"))
  const unknown = await run()
  await rm(key)
  const missing = await run()

  expect([unknown.run.status, missing.run.status]).toEqual(["Failed", "Failed"])
  expect(unknown.last).toMatch(/the key of "localhost:\d+" is not in SLIPWAY_SSH_KNOWN_HOSTS/)
  expect(missing.last).toMatch(/the file of SLIPWAY_SSH_KEY_FILE cannot be read \(ENOENT\)/)
})
