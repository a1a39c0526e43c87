import { writeFile } from "node:fs/promises"
import { describe, expect, test } from "vitest"
import type { ContainerOptions, ContainerResult } from "../../../builder/engine/container-options.ts"
import { runCmdStep } from "../../../builder/steps/run-cmd-step.ts"
import type { StepDeps } from "../../../builder/steps/step-deps.ts"
import type { CmdStep } from "../../../shared/task-file/task.ts"
import { cmdStep, stepWorld } from "./step-world.ts"

/** Runs nothing: `seen` are the containers that the engine was asked for, which print `output` and end with `result`. */
async function worldOf(
  cmd: string,
  step: Partial<CmdStep> = {},
  changes: Partial<StepDeps> = {},
  { result = { exitCode: 0 }, output = "" }: { result?: ContainerResult; output?: string } = {},
) {
  const world = await stepWorld(changes)
  const seen: ContainerOptions[] = []
  world.fake.onRun = async (options) => {
    seen.push(options)
    options.streams.stdout.write(output)
    return result
  }
  const run = () => runCmdStep(cmdStep(cmd, step), world.attempt, world.deps)
  return { ...world, seen, run }
}

describe("a cmd step", () => {
  test("runs its words in a container with the run's folders", async () => {
    const { seen, places, run } = await worldOf("alpine sh -c 'a b'", {
      ...{ env: ["A=1", "B='x y'"], volumeMounts: [{ name: "keys", mountPath: "/keys" }], network: "net" },
      ...{ workingDirectory: "app", user: "7", cpus: "1.5", ports: ["127.0.0.1:8080:80"], expose: ["9"] },
    })

    await run()

    expect(seen).toMatchObject([
      {
        image: "alpine",
        arguments: ["sh", "-c", "a b"],
        env: ["HOME=/acb/home", "A=1", "B=x y"],
        mounts: [
          { source: places.workspace, target: "/workspace" },
          { source: places.home, target: "/acb/home" },
          { source: `${places.volumes}/keys`, target: "/keys" },
        ],
        ...{ alias: "one", network: "engine-net", workingDirectory: "/workspace/app", user: "7", cpus: "1.5" },
        // A port is open to the run's containers and never published.
        ...{ expose: ["9", "80"], options: [], isPrivileged: false, maxProcesses: 100 },
      },
    ])
  })

  test("passes further options on and keeps those that are the run's to say", async () => {
    const { seen, run } = await worldOf("--cap-drop ALL --rm -it -p 80:8080 alpine")

    await run()

    expect(seen[0]?.options).toEqual(["--expose=8080", "--cap-drop=ALL"])
  })

  test("is not waited for when its text says so, as when the step does", async () => {
    const { seen, run } = await worldOf("-d alpine")

    await run()

    expect(seen[0]?.isDetached).toBe(true)
  })

  test("runs on the platform that its text names, if the machine can", async () => {
    const { seen, run, fake } = await worldOf("--platform Linux/ARM64 alpine")
    await run()
    fake.engine.missingEmulation = async (platform) => `programs of ${platform} need a handler`

    await expect(run()).rejects.toThrow("programs of linux/arm64 need a handler")

    expect(seen.map(({ platform }) => platform)).toEqual(["linux/arm64"])
    const windows = await worldOf("--platform windows alpine")
    await expect(windows.run()).rejects.toThrow("platform windows/amd64: no Windows builder is connected")
  })

  test.each([
    ["10", 10],
    ["-1", 100],
    ["1000", 100],
  ])("asks for --pids-limit %s and gets %i of the 100 that the operator allows", async (asked, given) => {
    const { seen, run } = await worldOf(`--pids-limit=${asked} alpine`)

    await run()

    expect(seen[0]?.maxProcesses).toBe(given)
  })

  test("reads --env-file out of the workspace", async () => {
    const { seen, places, run } = await worldOf("--env-file /workspace/env alpine")
    await writeFile(`${places.workspace}/env`, "# no\n\nA=1\r\n  B=2\nALONE\n")

    await run()

    expect(seen[0]?.env).toEqual(["HOME=/acb/home", "A=1", "B=2"])
  })

  test.each([
    ["-v /workspace/app:/x alpine", "/workspace/app cannot be mounted by itself"],
    ["-v /etc:/etc alpine", "--volume /etc:/etc"],
    ["--label slipway.run=other alpine", "are the service's own"],
    ["--name x alpine", "--name is not allowed"],
    ["dir:/etc", "is no image name"],
    ["--network host alpine", "SLIPWAY_STEP_RIGHTS=host-network"],
    ["--cap-add ALL alpine", "SLIPWAY_STEP_RIGHTS=privileged"],
    ["-v /var/run/docker.sock:/var/run/docker.sock alpine", "SLIPWAY_STEP_RIGHTS=socket"],
  ])("starts nothing for %j", async (cmd, problem) => {
    const { seen, run } = await worldOf(cmd)

    await expect(run()).rejects.toThrow(problem)

    expect(seen).toEqual([])
  })

  test("may be privileged, or have the socket, where the operator says so", async () => {
    const { seen, run, fake } = await worldOf(
      "alpine",
      { isPrivileged: true },
      { rights: new Set(["privileged", "socket"]) },
    )
    fake.engine.openSocket = async () => "/run/engine.sock"

    await run()

    expect(seen[0]?.isPrivileged).toBe(true)
    expect(seen[0]?.mounts.at(-1)).toEqual({
      ...{ source: "/run/engine.sock", target: "/var/run/docker.sock", isReadOnly: false },
    })
  })
})

describe("a container that fails", () => {
  test("fails its step with its exit code", async () => {
    const { run } = await worldOf("alpine", {}, {}, { result: { exitCode: 7 } })

    await expect(run()).rejects.toThrow(/^exit status 7$/)
  })

  test("to start does so in the engine's own words", async () => {
    const { run } = await worldOf("alpine", {}, {}, { result: { exitCode: 125, reason: "no such user" } })

    await expect(run()).rejects.toThrow(/^exit status 125: no such user$/)
  })

  test("for want of the socket says which right that is, unless it has it", async () => {
    const failing = { result: { exitCode: 1 }, output: "dial unix /var/run/docker.sock\n" }
    const { run } = await worldOf("alpine", {}, {}, failing)
    const holder = await worldOf("alpine", {}, { rights: new Set(["socket"]) }, failing)
    holder.fake.engine.openSocket = async () => "/var/run/docker.sock"

    await expect(run()).rejects.toThrow("SLIPWAY_STEP_RIGHTS=socket")
    await expect(holder.run()).rejects.toThrow(/^exit status 1$/)
  })
})
