import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest"
import { az } from "../setup/az-client.ts"
import { pushBaseImage, stackRegistry } from "../setup/base-image.ts"
import { readStack, type TestStack } from "../setup/test-stack.ts"

let stack: TestStack
let folder: string
let base: string

beforeAll(async () => {
  stack = await readStack(inject("stackEnv"))
  folder = await mkdtemp(path.join(tmpdir(), "slipway-az-"))
  base = (await pushBaseImage(await stackRegistry(stack), "base/busybox", "1")).image
  const signedIn = await az(stack, ["account", "show", "-o", "json"])
  expect(signedIn.code, signedIn.stderr).toBe(0)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function context(dockerfile: string, files: Record<string, string> = {}): Promise<string> {
  const where = await mkdtemp(path.join(folder, "ctx-"))
  await writeFile(path.join(where, "Dockerfile"), dockerfile)
  for (const [name, text] of Object.entries(files)) await writeFile(path.join(where, name), text)
  return where
}
const runIdOf = (text: string) => /Queued a build with ID: (\w+)/.exec(text)?.[1] ?? ""

describe("az acr build", () => {
  it("builds examples/hello, streams the log, and exits 0", async () => {
    const result = await az(stack, ["acr", "build", "-r", "slipway", "-t", "hello:v1", "examples/hello"])

    expect(result.stderr).toContain("Queued a build with ID")
    expect(result.stdout).toContain("Successfully pushed image")
    expect(result.stdout.trimEnd().split(/\r?\n/).at(-1)).toMatch(/^Run ID: \w+ was successful after \d+s$/)
    expect(result.code).toBe(0)
  })

  it("says in the log's first line which engine builds, with which cache and why", async () => {
    const result = await az(stack, ["acr", "build", "-r", "slipway", "-t", "hello:v2", "examples/hello"])

    expect(result.stdout.split(/\r?\n/)[0]).toMatch(/(docker|podman).*cache/i)
  })

  it("ends with exit code 1 and the cause in the last line when the build fails", async () => {
    const where = await context(`FROM ${base}\nRUN echo about-to-fail && exit 7\n`)

    const result = await az(stack, ["acr", "build", "-r", "slipway", "-t", "fails:v1", where])

    expect(result.code).toBe(1)
    expect(result.stdout).toContain("about-to-fail")
    expect(result.stdout.trimEnd().split(/\r?\n/).at(-1)).toMatch(/^Run ID: \w+ failed after \d+s\. Error: .+/)
    expect(result.stderr).toContain("Run failed")
  })

  it("takes build arguments, a target, several tags, another Dockerfile, and keeps secret arguments out of everything", async () => {
    const secret = "s3cr3t-Value/with+signs"
    const where = await context("FROM scratch\nCOPY nothing /\n", { nothing: "x", "other.Dockerfile": "" })
    await writeFile(
      path.join(where, "other.Dockerfile"),
      `FROM ${base} AS first\nARG GREETING\nARG TOKEN\nRUN echo "greets $GREETING with $TOKEN"\nFROM ${base} AS second\nRUN exit 1\n`,
    )

    const result = await az(stack, [
      "acr",
      "build",
      "-r",
      "slipway",
      "-f",
      path.join(where, "other.Dockerfile"),
      "--target",
      "first",
      "--build-arg",
      "GREETING=hi",
      "--secret-build-arg",
      `TOKEN=${secret}`,
      "-t",
      "args:{{.Run.ID}}",
      "-t",
      "args:latest",
      where,
    ])

    expect(result.code, result.stdout + result.stderr).toBe(0)
    expect(result.stdout).toContain("greets hi with ***")
    expect(result.stdout).not.toContain(secret)
    const runId = runIdOf(result.stderr)
    const shown = await az(stack, ["acr", "task", "show-run", "-r", "slipway", "--run-id", runId, "-o", "json"])
    expect(shown.stdout).not.toContain(secret)
    const { outputImages } = JSON.parse(shown.stdout)
    expect(outputImages.map((image: { tag: string }) => image.tag).sort()).toEqual(["latest", runId].sort())
  })

  it("sends links and hard links of the context as they are", async () => {
    const where = await context(`FROM ${base}\nCOPY . /app/\nRUN cat /app/link /app/real\n`, {
      real: "content-of-real\n",
    })
    await symlink("real", path.join(where, "link"))

    const result = await az(stack, ["acr", "build", "-r", "slipway", "--no-push", "-t", "links:v1", where])

    expect(result.code, result.stdout).toBe(0)
    expect(result.stdout.match(/content-of-real/g)).toHaveLength(2)
  })

  it("with --no-wait returns at once, and the run can be followed later", async () => {
    const queued = await az(stack, ["acr", "build", "-r", "slipway", "--no-wait", "-t", "later:v1", "examples/hello"])

    const logs = await az(stack, ["acr", "task", "logs", "-r", "slipway", "--run-id", runIdOf(queued.stderr)])

    expect(queued.code).toBe(0)
    expect(logs.stdout).toContain("was successful after")
  })

  it("builds into a registry without authentication as well", async () => {
    const result = await az(stack, ["acr", "build", "-r", "plainreg", "-t", "hello:v1", "examples/hello"])

    expect(result.code, result.stdout + result.stderr).toBe(0)
  })

  it("is told what is wrong with a registry that is not there", async () => {
    const result = await az(stack, ["acr", "build", "-r", "nothere", "-t", "x", "examples/hello"])

    expect(result.code).not.toBe(0)
    expect(result.stderr).toContain("could not be found")
  })
})

describe("az acr task", () => {
  it("lists runs as a table, newest first", async () => {
    const result = await az(stack, ["acr", "task", "list-runs", "-r", "slipway", "-o", "table"])

    expect(result.stdout).toMatch(/^RUN ID\s+TASK\s+PLATFORM\s+STATUS\s+TRIGGER\s+STARTED\s+DURATION/i)
    expect(result.stdout).toMatch(/linux\s+Succeeded\s+Manual\s+\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\s+00:00:\d\d/)
  })

  it("finds the runs that made an image", async () => {
    const build = await az(stack, ["acr", "build", "-r", "slipway", "-t", "findme:v1", "examples/hello"])

    const result = await az(stack, ["acr", "task", "list-runs", "-r", "slipway", "--image", "findme:v1", "-o", "json"])

    expect(result.code, result.stderr).toBe(0)
    expect(JSON.parse(result.stdout).map((run: { runId: string }) => run.runId)).toContain(runIdOf(build.stderr))
  })

  it("lists as many runs as asked for, of one status, and those of one task alone", async () => {
    const where = await context("FROM scratch\nCOPY nothing /\n")
    await az(stack, ["acr", "build", "-r", "slipway", "--no-push", "-t", "newest:v1", where])
    const list = ["acr", "task", "list-runs", "-r", "slipway", "-o", "json"]

    const all = await az(stack, list)
    const some = await az(stack, [...list, "--run-status", "Succeeded", "--top", "3"])
    const ofTask = await az(stack, [...list, "--name", "nothere"])

    const runs = JSON.parse(all.stdout) as { runId: string; status: string }[]
    const succeeded = runs.filter((run) => run.status === "Succeeded").map((run) => run.runId)
    expect(runs[0]?.status).toBe("Failed")
    expect(some.code, some.stderr).toBe(0)
    expect(JSON.parse(some.stdout).map((run: { runId: string }) => run.runId)).toEqual(succeeded.slice(0, 3))
    expect(succeeded.length).toBeGreaterThan(3)
    expect([ofTask.code, JSON.parse(ofTask.stdout)]).toEqual([0, []])
  })

  it("shows the log of the newest run when none is named", async () => {
    const build = await az(stack, ["acr", "build", "-r", "slipway", "--no-push", "-t", "last:v1", "examples/hello"])

    const logs = await az(stack, ["acr", "task", "logs", "-r", "slipway"])

    expect(logs.code, logs.stderr).toBe(0)
    expect(logs.stdout).toBe(build.stdout)
    expect(logs.stdout).toContain(`Run ID: ${runIdOf(build.stderr)} was successful`)
  })

  it("cancels a running build, and its log ends", async () => {
    const where = await context(`FROM ${base}\nRUN sleep 300\n`)
    const queued = await az(stack, ["acr", "build", "-r", "slipway", "--no-wait", "-t", "slow:v1", where])
    const runId = runIdOf(queued.stderr)

    const canceled = await az(stack, ["acr", "task", "cancel-run", "-r", "slipway", "--run-id", runId])

    expect(canceled.code, canceled.stderr).toBe(0)
    const logs = await az(stack, ["acr", "task", "logs", "-r", "slipway", "--run-id", runId])
    expect(logs.stdout).toMatch(/was canceled after/)
    const shown = await az(stack, ["acr", "task", "show-run", "-r", "slipway", "--run-id", runId, "-o", "json"])
    expect(JSON.parse(shown.stdout).status).toBe("Canceled")
  })

  it("exits 3 for a run that is not there", async () => {
    const result = await az(stack, ["acr", "task", "show-run", "-r", "slipway", "--run-id", "nothere"])

    expect(result.code).toBe(3)
  })
})

describe("az acr", () => {
  it("signs in to the registry and shows it", async () => {
    const token = await az(stack, ["acr", "login", "-n", "slipway", "--expose-token", "-o", "json"])
    const shown = await az(stack, ["acr", "show", "-n", "slipway", "-o", "json"])
    const listed = await az(stack, ["acr", "list", "-o", "json"])

    expect(token.code, token.stderr).toBe(0)
    expect(JSON.parse(token.stdout)).toMatchObject({ loginServer: `127.0.0.1:${stack.state.registry.port}` })
    expect(JSON.parse(shown.stdout).loginServer).toBe(`127.0.0.1:${stack.state.registry.port}`)
    expect(JSON.parse(listed.stdout).map((one: { name: string }) => one.name)).toEqual(["slipway", "plainreg"])
  })
})
