import { readdir, readFile, rm } from "node:fs/promises"
import { connect, createServer, type Server, type Socket } from "node:net"
import { join } from "node:path"
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest"
import type { EngineChoice } from "../../../builder/engine/engine.ts"
import { pushBaseImage } from "../setup/base-image.ts"
import { argumentLists, ask, DIALECTS, engineOf, printed, startRun, type TestRun, until } from "./test-engine.ts"
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

/** Seconds that no other process of this machine sleeps. */
let seconds = 20_000 + Math.floor(Math.random() * 10_000)
const start = async (choice: EngineChoice) => {
  const sleep = `sleep ${++seconds}`
  const Dockerfile = `FROM ${base}\nRUN echo begun && ${sleep}\n`
  const run = await startRun(choice, { Dockerfile }, { insecureRegistries: [registry.loginServer] })
  runs.push(run)
  const processes = async () => (await argumentLists()).filter(({ text }) => text.trim().endsWith(sleep))
  return { run, processes }
}

describe.each(DIALECTS)("%s", (dialect) => {
  let choice: EngineChoice
  beforeAll(async () => {
    choice = await engineOf(dialect)
  })

  test("abort in the middle of a RUN leaves no process, container, network or file", async () => {
    const { run, processes } = await start(choice)
    const built = run.engine.build(run.options()).catch((error: unknown) => error)
    await printed(run, "begun")
    await until(async () => (await processes()).length > 0, "the RUN to sleep")

    const before = Date.now()
    run.engine.abort()

    expect(await built).toMatchObject({ code: "Aborted" })
    expect(Date.now() - before).toBeLessThan(20_000)
    await until(async () => (await processes()).length === 0, "the RUN to end", 5000)
    await expect(run.engine.build(run.options())).rejects.toMatchObject({ code: "Aborted" })
    await run.engine.dispose()
    expect(await readdir(run.workFolder)).toEqual(["context"])
    expect(await ask(choice, "network", "ls", "--format", "{{.Name}}")).not.toContain(run.runId)
    if (dialect === "podman") expect(await abandonedBuilds(choice, run.runId)).toEqual([])
  })

  test("an engine that goes away in the middle of a build is no failure of the build", async () => {
    const broken = dialect === "docker" ? await breakableDocker(choice) : breakablePodman(choice)
    const { run, processes } = await start(broken.choice)
    const built = run.engine.build(run.options()).catch((error: unknown) => error)
    await printed(run, "begun")

    await broken.break(run)

    expect(await built).toMatchObject({ code: "EngineUnavailable" })
    await until(async () => (await processes()).length === 0, "the RUN to end", 10_000)
    await run.engine.dispose()
    if (dialect === "podman") expect(await abandonedBuilds(choice, run.runId)).toEqual([])
  })
})

test("an engine that was never there", async () => {
  const choice: EngineChoice = {
    dialect: "docker",
    command: "/nonexistent/docker",
    buildxCommand: "/nonexistent/docker-buildx",
    ...{ version: "1", env: {}, cache: "none", reason: "" },
  }
  const { run } = await start(choice)

  await expect(run.engine.build(run.options())).rejects.toMatchObject({ code: "EngineUnavailable" })
})

/** The engine behind a socket that can be cut: killing a daemon that others use is not for a test. */
async function breakableDocker(choice: EngineChoice) {
  const target = (choice.env.DOCKER_HOST ?? "unix:///var/run/docker.sock").replace("unix://", "")
  const path = join("/tmp", `slipway-cut-${process.pid}-${seconds}.sock`)
  const sockets = new Set<Socket>()
  const server: Server = createServer((client) => {
    const daemon = connect(target)
    for (const socket of [client, daemon]) {
      sockets.add(socket)
      socket.on("error", () => {})
    }
    client.pipe(daemon).pipe(client)
  })
  await new Promise<void>((resolve) => server.listen(path, resolve))
  return {
    choice: { ...choice, env: { ...choice.env, DOCKER_HOST: `unix://${path}` } },
    async break() {
      const closed = new Promise((resolve) => server.close(resolve))
      for (const socket of sockets) socket.destroy()
      await closed
      await rm(path, { force: true })
    },
  }
}

function breakablePodman(choice: EngineChoice) {
  return {
    choice,
    async break(run: TestRun) {
      const engines = (await argumentLists()).filter(({ text }) => {
        return text.startsWith(choice.command) && text.includes(run.contextFolder)
      })
      expect(engines).not.toEqual([])
      for (const { pid } of engines) process.kill(pid, "SIGKILL")
    },
  }
}

async function abandonedBuilds(choice: EngineChoice, runId: string): Promise<string[]> {
  const root = (
    await ask(choice, "info", "--format", "{{.Store.GraphRoot}}/{{.Store.GraphDriverName}}-containers")
  ).trim()
  const found: string[] = []
  for (const name of await readdir(root)) {
    const text = await readFile(join(root, name, "userdata", "buildah.json"), "utf8").catch(() => "")
    if (text.includes(runId)) found.push(name)
  }
  return found
}
