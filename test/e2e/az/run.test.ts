import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest"
import { az } from "../setup/az-client.ts"
import { lastLineOf, runIdOf } from "../setup/az-output.ts"
import { azWithInput } from "../setup/az-with-input.ts"
import { digestInRegistry, pushBaseImage, type RegistryTarget, stackRegistry } from "../setup/base-image.ts"
import { GIT_TOKEN, type GitServer, startGitServer } from "../setup/git-server.ts"
import { readStack, type TestStack } from "../setup/test-stack.ts"

const RUN = ["acr", "run", "-r", "slipway"]
let stack: TestStack
let registry: RegistryTarget
let folder: string
let git: GitServer
let base: string

beforeAll(async () => {
  stack = await readStack(inject("stackEnv"))
  folder = await mkdtemp(path.join(tmpdir(), "slipway-run-"))
  registry = await stackRegistry(stack)
  base = (await pushBaseImage(registry, "base/busybox", "1")).image
  git = await startGitServer()
  const signedIn = await az(stack, ["account", "show", "-o", "json"])
  expect(signedIn.code, signedIn.stderr).toBe(0)
})
afterAll(async () => {
  await git.close()
  await rm(folder, { recursive: true, force: true })
})

async function context(files: Record<string, string>): Promise<string> {
  const where = await mkdtemp(path.join(folder, "ctx-"))
  for (const [name, text] of Object.entries(files)) await writeFile(path.join(where, name), text)
  return where
}

/** A cmd step whose program is the shell of the base image. */
const sh = (script: string) => `${base} sh -c '${script}'`

describe("az acr run with a context", () => {
  it("runs acb.yaml, another file with values, and a repository's branch and folder", async () => {
    const secret = "s3cr3t-of-the-task"
    const whole = await context({
      Dockerfile: `FROM ${base}\nARG GREETING\nRUN echo "the image greets $GREETING"\n`,
      "acb.yaml": [
        "version: v1.1.0",
        "steps:",
        "  - id: image",
        "    build: -t $Registry/from-task:$ID --build-arg GREETING={{.Values.greeting}} .",
        "  - push: [$Registry/from-task:$ID]",
        `  - cmd: $Registry/from-task:$ID sh -c 'test "$0" = {{.Values.password}} && echo "password is $0"' {{.Values.password}}`,
      ].join("\n"),
    })
    const valued = await context({
      "other.yaml": `steps:\n  - cmd: ${sh("echo {{.Values.from}} {{.Values.set}} {{.Run.RegistryName}} && ls")}\n`,
      "values.yaml": "from: from-the-file\nset: from-the-file-as-well\n",
    })
    await git.addRepository("tasks", [
      { branch: "main", files: { "acb.yaml": "steps: [{cmd: nothing}]\n" } },
      {
        branch: "dev",
        files: {
          "app/acb.yaml": `steps:\n  - cmd: ${sh("cat note && echo commit {{.Run.Commit}} branch {{.Run.Branch}}")}\n`,
          "app/note": "note-of-the-branch\n",
        },
      },
    ])

    const [first, other, remote] = await Promise.all([
      az(stack, [...RUN, "--set", "greeting=hello", "--set-secret", `password=${secret}`, whole]),
      az(stack, [...RUN, "-f", "other.yaml", "--values", "values.yaml", "--set", "set=from-az", valued]),
      az(stack, [...RUN, `${git.url("tasks")}#dev:app`]),
    ])

    expect(first.code, first.stdout + first.stderr).toBe(0)
    expect(first.stdout).toContain("the image greets hello")
    expect(first.stdout).toContain("password is ***")
    expect(first.stdout).not.toContain(secret)
    const runId = runIdOf(first.stderr)
    expect(lastLineOf(first.stdout)).toMatch(new RegExp(`^Run ID: ${runId} was successful after \\d+s$`))
    expect(await digestInRegistry(registry, "from-task", runId)).toMatch(/^sha256:/)
    expect(other.code, other.stdout + other.stderr).toBe(0)
    expect(other.stdout).toContain("from-the-file from-az slipway")
    expect(remote.code, remote.stdout + remote.stderr).toBe(0)
    expect(remote.stdout).toContain("note-of-the-branch")
    expect(remote.stdout).toMatch(/commit [0-9a-f]{40} branch dev/)
    expect(remote.stdout + remote.stderr).not.toContain(GIT_TOKEN)
  })

  it("says every mistake of a task file with its line and column, and a task file that is not there", async () => {
    const wrong = await context({
      "acb.yaml": "steps:\n  - id: one\n    cmd: a\n    build: b\n  - id: one\n    cmd: c\n    timeout: soon\n",
    })

    const [mistaken, missing] = await Promise.all([
      az(stack, [...RUN, wrong]),
      az(stack, [...RUN, "-f", "nothere.yaml", wrong]),
    ])

    expect(mistaken.code).toBe(1)
    const told = mistaken.stdout.split(/\r?\n/).filter((line) => /ERROR: /.test(line))
    expect(told.length).toBeGreaterThan(1)
    for (const line of told) expect(line).toMatch(/acb\.yaml:\d+:\d+/)
    expect(lastLineOf(mistaken.stdout)).toMatch(/^Run ID: \w+ failed after \d+s\. Error: .*acb\.yaml:\d+:\d+/)
    expect(missing.code).toBe(1)
    expect(lastLineOf(missing.stdout)).toMatch(/Error: .*"nothere\.yaml" was not found/)
  })
})

describe("az acr run without a context", () => {
  it("takes a command, a file of this machine, and a file on standard input", async () => {
    const where = await context({
      "any.yaml": `version: v1.1.0\nsteps:\n  - cmd: ${sh("echo from-{{.Values.what}}")}\n`,
    })
    const piped = `steps:\n  - cmd: ${sh("echo piped $0 > note && cat note")} $ID\n    workingDirectory: .\n`

    const [command, file, input] = await Promise.all([
      az(stack, [...RUN, "--cmd", `${base} echo run {{.Run.ID}} in $RegistryName`, "/dev/null"]),
      az(stack, [...RUN, "-f", path.join(where, "any.yaml"), "--set", "what=a-file", "/dev/null"]),
      azWithInput(stack, [...RUN, "-f", "-", "/dev/null"], piped),
    ])

    for (const { code, stdout, stderr } of [command, file, input]) expect(code, stdout + stderr).toBe(0)
    expect(command.stdout).toContain(`run ${runIdOf(command.stderr)} in slipway`)
    expect(file.stdout).toContain("from-a-file")
    expect(input.stdout).toContain(`piped ${runIdOf(input.stderr)}`)
  })

  it("runs texts that need a shell, and ends with exit code 1 and the cause when a step fails", async () => {
    const steps = `steps:\n  - id: breaks\n    cmd: ${sh("echo about-to-fail; exit 7")}\n  - cmd: ${base} echo never\n`

    const [piped, failed, secretly] = await Promise.all([
      az(stack, [...RUN, "--cmd", `${base} seq 3 | docker run -i ${base} sort -r > out && cat out`, "/dev/null"]),
      azWithInput(stack, [...RUN, "-f", "-", "/dev/null"], steps),
      az(stack, [
        ...RUN,
        "--cmd",
        `${base} ls /no{{.Values.where}}`,
        "--set-secret",
        "where=such-secret-place",
        "/dev/null",
      ]),
    ])

    expect(piped.code, piped.stdout + piped.stderr).toBe(0)
    expect(piped.stdout).toMatch(/^3\r?\n2\r?\n1\r?$/m)
    expect(failed.code).toBe(1)
    expect(failed.stdout).toContain("about-to-fail")
    expect(failed.stdout).not.toContain("never\r\n")
    expect(lastLineOf(failed.stdout)).toMatch(/Error: failed to run step ID: breaks: exit status 7$/)
    expect(secretly.code).toBe(1)
    expect(secretly.stdout).not.toContain("such-secret-place")
  })

  it("with --no-wait returns at once; time limits and platforms are kept, and runs are listed as QuickRun", async () => {
    const slow = await context({ "slow.yaml": `steps:\n  - cmd: ${sh("echo begun; sleep 300")}\n    timeout: 2\n` })
    const file = ["-f", path.join(slow, "slow.yaml"), "--timeout", "300", "/dev/null"]

    const [queued, upper, alone] = await Promise.all([
      az(stack, [...RUN, "--no-wait", ...file]),
      az(stack, [...RUN, "--no-wait", "--platform", "LINUX/AMD64", "--cmd", `${base} uname -m`, "/dev/null"]),
      az(stack, [...RUN, "--no-wait", "--platform", "linux", "--cmd", `${base} uname -m`, "/dev/null"]),
    ])

    const logs = await Promise.all(
      [queued, upper, alone].map((one) =>
        az(stack, ["acr", "task", "logs", "-r", "slipway", "--run-id", runIdOf(one.stderr)]),
      ),
    )
    for (const { code, stdout, stderr } of [queued, upper, alone]) expect([code, stdout], stderr).toEqual([0, ""])
    expect(lastLineOf(logs[0]?.stdout ?? "")).toMatch(/failed to run step ID: acb_step_0: timed out$/)
    for (const log of logs.slice(1)) expect(log.stdout).toContain("x86_64")
    const listed = await az(stack, ["acr", "task", "list-runs", "-r", "slipway", "-o", "json"])
    const runs = JSON.parse(listed.stdout) as { runId: string; runType: string; status: string }[]
    const ours = [queued, upper, alone].map((one) => runs.find(({ runId }) => runId === runIdOf(one.stderr)))
    expect(ours.map((run) => [run?.runType, run?.status])).toEqual([
      ["QuickRun", "Failed"],
      ["QuickRun", "Succeeded"],
      ["QuickRun", "Succeeded"],
    ])
  })

  it("is told at once what no run can do", async () => {
    const [windows, ask] = await Promise.all([
      az(stack, [...RUN, "--platform", "windows", "--cmd", "x", "/dev/null"]),
      az(stack, [...RUN, "--agent-pool", "big", "--cmd", "x", "/dev/null"]),
    ])

    expect(windows.code).toBe(1)
    expect(windows.stderr).toContain("No Windows builder is connected")
    expect(ask.code).toBe(1)
    expect(ask.stderr).toContain("no agent pool 'big'")
  })
})
