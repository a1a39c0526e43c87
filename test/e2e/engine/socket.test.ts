import { type ChildProcess, spawn } from "node:child_process"
import { createReadStream } from "node:fs"
import { tmpdir } from "node:os"
import { text } from "node:stream/consumers"
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest"
import type { EngineChoice } from "../../../builder/engine/engine.ts"
import { pushBaseImage } from "../setup/base-image.ts"
import { ask, DIALECTS, engineOf, startRun, type TestRun, until } from "./test-engine.ts"
import { startTestRegistry, type TestRegistry } from "./test-registry.ts"

let registry: TestRegistry
let base: string
const runs: TestRun[] = []

beforeAll(async () => {
  registry = await startTestRegistry()
  base = (await pushBaseImage(registry, "base/busybox", "1")).image
})
afterEach(async () => {
  for (const run of runs.splice(0)) await run.end()
})
afterAll(() => registry?.stop())

/** docker's own client, as a step has it, on the socket of a new run. */
async function start(choice: EngineChoice) {
  const run = await startRun(choice, {}, { insecureRegistries: [registry.loginServer] })
  runs.push(run)
  const socket = await run.engine.openSocket()
  const env = { PATH: process.env.PATH, HOME: tmpdir(), DOCKER_HOST: `unix://${socket}` }
  const begin = (command: string, args: string[], more = {}) => spawn(command, args, { env: { ...env, ...more } })
  return {
    run,
    begin,
    docker: (...args: string[]) => {
      const child = begin("docker", args)
      child.stdin.end()
      return endOf(child)
    },
  }
}

async function endOf(child: ChildProcess): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const code = new Promise<number | null>((resolve) => child.once("close", resolve))
  const [stdout, stderr] = await Promise.all([child.stdout, child.stderr].map((from) => (from ? text(from) : "")))
  return { code: await code, stdout: stdout ?? "", stderr: stderr ?? "" }
}

describe.each(DIALECTS)("%s", (dialect) => {
  let choice: EngineChoice
  beforeAll(async () => {
    choice = await engineOf(dialect)
  })
  const everything = async () => {
    const lists = [
      ["ps", "--all", "--format", "{{.Names}}"],
      ["network", "ls", "--format", "{{.Name}}"],
      ["volume", "ls", "--format", "{{.Name}}"],
    ]
    return (await Promise.all(lists.map((args) => ask(choice, ...args)))).join("\n")
  }

  test("what was made through the socket of a run that is cut off is removed with it", async () => {
    const { run, begin, docker } = await start(choice)
    const name = `made-${run.runId}`
    for (const args of [
      ["network", "create", name],
      ["volume", "create", name],
      ["run", "--detach", "--name", `${name}-quiet`, "--restart=always", base, "sleep", "600"],
    ]) {
      expect(await docker(...args), args.join(" ")).toMatchObject({ code: 0 })
    }
    const attached = begin("docker", [
      "run",
      "--interactive",
      "--name",
      `${name}-attached`,
      base,
      "sh",
      "-c",
      "trap '' TERM; cat",
    ])
    const ended = endOf(attached)
    attached.stdin.write("heard\n")
    await new Promise((resolve) => attached.stdout.once("data", resolve))
    expect((await everything()).split("\n").filter((line) => line.startsWith(name))).toHaveLength(4)

    run.engine.abort()
    await run.engine.dispose()

    expect((await ended).code).not.toBe(0)
    expect(await everything()).not.toContain(name)
  })

  test("who follows events gets them as they come", async () => {
    const { run, begin, docker } = await start(choice)
    const following = begin("docker", ["events", "--filter", "type=volume", "--format", "{{json .}}"])
    let seen = ""
    following.stdout.on("data", (chunk) => {
      seen += chunk
    })

    // Events begin when the engine has taken the call, which nothing says.
    let volumes = 0
    await until(async () => {
      await docker("volume", "create", `event-${run.runId}-${volumes++}`)
      return seen.includes(`event-${run.runId}`)
    }, "an event")
    following.kill()
  })
})

// podman 4.3 builds in another way, cuts the output of a container that leaves input unread, and answers 0 for one that `--rm` removes.
describe("docker alone", () => {
  let choice: EngineChoice
  beforeAll(async () => {
    choice = await engineOf("docker")
  })

  test("a container is heard to its end, whatever input it leaves unread", async () => {
    const { begin } = await start(choice)
    const script = "head -c 1 >/dev/null; seq 20000; exit 7"
    const child = begin("docker", ["run", "--rm", "--interactive", base, "sh", "-c", script])
    const ended = endOf(child)
    child.stdin.on("error", () => {})
    createReadStream("/dev/zero").pipe(child.stdin)

    const { code, stdout, stderr } = await ended

    expect(stdout.split("\n").at(-2), stderr).toBe("20000")
    expect(code).toBe(7)
  })

  test.each([false, true])("images are built, by BuildKit: %s", async (isBuildKit) => {
    const { run, begin, docker } = await start(choice)
    const image = `slipway/run-${run.runId}:made`
    const command = isBuildKit ? (choice.buildxCommand ?? "docker-buildx") : "docker"
    const building = begin(command, ["build", "--tag", image, "-"], { DOCKER_BUILDKIT: "0" })
    const ended = endOf(building)
    building.stdin.end(`FROM ${base}\nRUN echo built > /built\n`)
    const built = await ended
    expect(built.code, built.stdout + built.stderr).toBe(0)

    const said = await docker("run", "--rm", image, "cat", "/built")

    expect(said.stdout, said.stderr).toBe("built\n")
    await ask(choice, "rmi", "--force", image)
  })
})
