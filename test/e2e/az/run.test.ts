import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest"
import { type ArmClient, createArmClient } from "../setup/arm-client.ts"
import { type AzResult, az } from "../setup/az-client.ts"
import { lastLineOf, runIdOf } from "../setup/az-output.ts"
import { queueByAz } from "../setup/az-queue.ts"
import { digestInRegistry, pushBaseImage, type RegistryTarget, stackRegistry } from "../setup/base-image.ts"
import { GIT_TOKEN, type GitServer, startGitServer } from "../setup/git-server.ts"
import { readStack, type TestStack } from "../setup/test-stack.ts"

const RUN = ["acr", "run", "-r", "slipway"]
let stack: TestStack
let registry: RegistryTarget
let folder: string
let git: GitServer
let base: string
let arm: ArmClient
/** az looks at a run every 30 seconds when it shows no log: it does so while the other tests run. */
let withoutLogs: Promise<AzResult[]>

beforeAll(async () => {
  stack = await readStack(inject("stackEnv"))
  folder = await mkdtemp(path.join(tmpdir(), "slipway-run-"))
  arm = await createArmClient(stack)
  registry = await stackRegistry(stack)
  base = (await pushBaseImage(registry, "base/busybox", "1")).image
  git = await startGitServer()
  const signedIn = await az(stack, ["account", "show", "-o", "json"])
  expect(signedIn.code, signedIn.stderr).toBe(0)
  const built = await context({ Dockerfile: "FROM scratch\nLABEL a=b\n" })
  withoutLogs = Promise.all([
    az(stack, ["acr", "build", "-r", "slipway", "--no-logs", "-t", "quiet:v1", "-o", "json", built]),
    az(stack, [...RUN, "--no-logs", "-o", "json", "--cmd", `${base} false`, "/dev/null"]),
  ])
})
afterAll(async () => {
  await withoutLogs
  arm.close()
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
      queueByAz(stack, arm, [...RUN, "-f", "other.yaml", "--values", "values.yaml", "--set", "set=from-az", valued]),
      queueByAz(stack, arm, [...RUN, `${git.url("tasks")}#dev:app`]),
    ])

    expect(first.code, first.stdout + first.stderr).toBe(0)
    expect(first.stdout).toContain("the image greets hello")
    expect(first.stdout).toContain("password is ***")
    expect(first.stdout + JSON.stringify(await arm.getRun("slipway", runIdOf(first.stderr)))).not.toContain(secret)
    const runId = runIdOf(first.stderr)
    expect(lastLineOf(first.stdout)).toMatch(new RegExp(`^Run ID: ${runId} was successful after \\d+s$`))
    expect(await digestInRegistry(registry, "from-task", runId)).toMatch(/^sha256:/)
    expect(other.status, other.log).toBe("Succeeded")
    expect(other.log).toContain("from-the-file from-az slipway")
    expect(remote.status, remote.log).toBe("Succeeded")
    expect(remote.log).toContain("note-of-the-branch")
    expect(remote.log).toMatch(/commit [0-9a-f]{40} branch dev/)
    expect(remote.log + remote.stderr).not.toContain(GIT_TOKEN)
  })

  it("says every mistake of a task file with its line and column, and a task file that is not there", async () => {
    const wrong = await context({
      "acb.yaml": "steps:\n  - id: one\n    cmd: a\n    build: b\n  - id: one\n    cmd: c\n    timeout: soon\n",
    })

    const [mistaken, missing] = await Promise.all([
      az(stack, [...RUN, wrong]),
      queueByAz(stack, arm, [...RUN, "-f", "nothere.yaml", wrong]),
    ])

    expect(mistaken.code).toBe(1)
    const told = mistaken.stdout.split(/\r?\n/).filter((line) => /ERROR: /.test(line))
    expect(told.length).toBeGreaterThan(1)
    for (const line of told) expect(line).toMatch(/acb\.yaml:\d+:\d+/)
    expect(lastLineOf(mistaken.stdout)).toMatch(/^Run ID: \w+ failed after \d+s\. Error: .*acb\.yaml:\d+:\d+/)
    expect(missing.status).toBe("Failed")
    expect(lastLineOf(missing.log)).toMatch(/Error: .*"nothere\.yaml" was not found/)
  })
})

describe("az acr run without a context", () => {
  it("takes a command, a file of this machine, and a file on standard input", async () => {
    const where = await context({
      "any.yaml": `version: v1.1.0\nsteps:\n  - cmd: ${sh("echo from-{{.Values.what}}")}\n`,
    })
    // az 2.45 puts such a line in front of the file's own; newer ones send the file as it is.
    const piped = `version: v1.1.0\nsteps:\n  - cmd: ${sh("echo piped $0 > note && cat note")} $ID\n    workingDirectory: .\n`

    const [command, file, input] = await Promise.all([
      queueByAz(stack, arm, [...RUN, "--cmd", `${base} echo run {{.Run.ID}} in $RegistryName`, "/dev/null"]),
      queueByAz(stack, arm, [...RUN, "-f", path.join(where, "any.yaml"), "--set", "what=a-file", "/dev/null"]),
      queueByAz(stack, arm, [...RUN, "-f", "-", "/dev/null"], piped),
    ])

    for (const { status, log } of [command, file, input]) expect(status, log).toBe("Succeeded")
    expect(command.log).toContain(`run ${command.runId} in slipway`)
    expect(file.log).toContain("from-a-file")
    expect(input.log).toContain(`piped ${input.runId}`)
  })

  it("ends with exit code 1 and the cause when a step fails, runs texts that need a shell, and hides secrets when it fails", async () => {
    const steps = `steps:\n  - id: breaks\n    cmd: ${sh("echo about-to-fail; exit 7")}\n  - cmd: ${base} echo never\n`

    const where = await context({ "fails.yaml": steps })
    const hidden = ["--cmd", `${base} ls /no{{.Values.where}}`, "--set-secret", "where=such-secret-place"]

    const [failed, piped, secretly] = await Promise.all([
      az(stack, [...RUN, "-f", path.join(where, "fails.yaml"), "/dev/null"]),
      queueByAz(stack, arm, [
        ...RUN,
        "--cmd",
        `${base} seq 3 | docker run -i ${base} sort -r > out && cat out`,
        "/dev/null",
      ]),
      queueByAz(stack, arm, [...RUN, ...hidden, "/dev/null"]),
    ])

    expect(failed.code).toBe(1)
    expect(failed.stdout).toContain("about-to-fail")
    expect(failed.stdout).not.toContain("never")
    expect(lastLineOf(failed.stdout)).toMatch(/Error: failed to run step ID: breaks: exit status 7$/)
    expect(piped.status, piped.log).toBe("Succeeded")
    expect(piped.log).toMatch(/^3\r\n2\r\n1\r$/m)
    expect(secretly.status).toBe("Failed")
    expect(secretly.log).not.toContain("such-secret-place")
  })

  it("with --no-wait returns at once; time limits and platforms are kept, and runs are listed as QuickRun", async () => {
    const slow = await context({ "slow.yaml": `steps:\n  - cmd: ${sh("echo begun; sleep 300")}\n    timeout: 2\n` })
    const file = ["-f", path.join(slow, "slow.yaml"), "--timeout", "300", "/dev/null"]

    const [late, upper, alone] = await Promise.all([
      queueByAz(stack, arm, [...RUN, ...file]),
      queueByAz(stack, arm, [...RUN, "--platform", "LINUX/AMD64", "--cmd", `${base} uname -m`, "/dev/null"]),
      queueByAz(stack, arm, [...RUN, "--platform", "linux", "--cmd", `${base} uname -m`, "/dev/null"]),
    ])

    const [shown, listed] = await Promise.all([
      az(stack, ["acr", "task", "logs", "-r", "slipway", "--run-id", late.runId]),
      az(stack, ["acr", "task", "list-runs", "-r", "slipway", "-o", "json"]),
    ])
    for (const { code, stdout } of [late, upper, alone]) expect([code, stdout]).toEqual([0, ""])
    expect(shown.code).toBe(0)
    expect(lastLineOf(shown.stdout)).toMatch(/failed to run step ID: acb_step_0: timed out$/)
    for (const { log } of [upper, alone]) expect(log).toContain("x86_64")
    const runs = JSON.parse(listed.stdout) as { runId: string; runType: string; status: string }[]
    const ours = [late, upper, alone].map((one) => runs.find(({ runId }) => runId === one.runId))
    expect(ours.map((run) => [run?.runType, run?.status])).toEqual([
      ["QuickRun", "Failed"],
      ["QuickRun", "Succeeded"],
      ["QuickRun", "Succeeded"],
    ])
  })

  it("ends a run that is canceled", async () => {
    const queued = await az(stack, [...RUN, "--no-wait", "--cmd", `${base} sleep 300`, "/dev/null"])
    const runId = runIdOf(queued.stderr)

    const canceled = await az(stack, ["acr", "task", "cancel-run", "-r", "slipway", "--run-id", runId])

    expect(canceled.code, canceled.stderr).toBe(0)
    expect((await arm.finished("slipway", runId)).status).toBe("Canceled")
    expect(lastLineOf((await arm.readLog("slipway", runId)).text)).toMatch(/was canceled after \d+s$/)
  })

  it("is told what no run can do: at once, or by the run's last line", async () => {
    const [windows, ask, absent] = await Promise.all([
      az(stack, [...RUN, "--platform", "windows", "--cmd", "x", "/dev/null"]),
      az(stack, [...RUN, "--agent-pool", "big", "--cmd", "x", "/dev/null"]),
      queueByAz(stack, arm, [...RUN, "--cmd", "$Registry/nothere:v1", "/dev/null"]),
    ])

    expect(windows.code).toBe(1)
    expect(windows.stderr).toContain("No Windows builder is connected")
    expect(ask.code).toBe(1)
    expect(ask.stderr).toContain("no agent pool 'big'")
    expect(lastLineOf(absent.log)).toMatch(
      /Error: failed to run step ID: acb_step_0: exit status 125: .*nothere:v1.*not found$/,
    )
  })
})

describe("az acr run and az acr build with --no-logs", () => {
  it("wait for the end, print the run, and fail when the run did", async () => {
    const [good, bad] = await withoutLogs

    expect(good?.code, good?.stderr).toBe(0)
    expect(JSON.parse(good?.stdout ?? "")).toMatchObject({ status: "Succeeded", runType: "QuickBuild" })
    expect(bad?.code).toBe(1)
    expect(bad?.stderr).toMatch(/unsuccessful status '\S*failed'/i)
  })
})
