import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync, readFileSync } from "node:fs"
import path from "node:path"
import { describe, expect, onTestFinished, test, vi } from "vitest"
import { freePort } from "../../../local/free-port.ts"
import { processStartTime } from "../../../local/supervisor/process-info.ts"
import { readRunningSupervisor, SupervisorFile } from "../../../local/supervisor/supervisor-file.ts"
import { events } from "../supervisor/fixtures/part-of.ts"
import { pidsWith, temporaryFolder } from "../supervisor/test-processes.ts"

const repository = path.resolve(import.meta.dirname, "../../..")
const taken = new Set<number>()

/** A data folder and the stack's commands on it; the parts are fixtures, everything else is real. */
async function setUp(fixtures: Record<string, object>, settings: Record<string, string> = {}) {
  const dataFolder = path.join(temporaryFolder(), "data")
  const env = {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    SLIPWAY_DATA: dataFolder,
    SLIPWAY_PORT: String(await freePort("127.0.0.1", taken)),
    SLIPWAY_REGISTRY_PORT: String(await freePort("127.0.0.1", taken)),
    FIXTURES: JSON.stringify(fixtures),
    ...settings,
  }
  function launch(file: string, args: string[]): ChildProcess & { output: () => string } {
    const child = spawn(
      process.execPath,
      ["--disable-warning=ExperimentalWarning", path.join(repository, file), ...args],
      {
        env,
      },
    )
    let output = ""
    child.stdout.on("data", (chunk) => {
      output += chunk
    })
    child.stderr.on("data", (chunk) => {
      output += chunk
    })
    return Object.assign(child, { output: () => output })
  }
  async function run(file: string, ...args: string[]) {
    const child = launch(file, args)
    const [code] = await once(child, "close")
    return { code, output: child.output() }
  }
  const start = "test/local/cli/fixtures/start-main.ts"
  onTestFinished(() => {
    const running = readRunningSupervisor(dataFolder)
    if (running !== undefined) process.kill(running.pid, "SIGKILL")
  })
  return {
    dataFolder,
    url: `https://localhost:${env.SLIPWAY_PORT}`,
    startDetached: () => run(start, "--detach"),
    startInForeground: () => launch(start, []),
    stop: () => run("local/cli/stop.ts"),
    status: (...args: string[]) => run("local/cli/status.ts", ...args),
    run,
  }
}

const twoParts = { one: {}, two: { after: ["one"] } }

describe("npm start -- --detach", () => {
  test("returns when all is ready, status shows it, stop ends all of it", async () => {
    const { dataFolder, url, startDetached, status, stop } = await setUp(twoParts)

    const started = await startDetached()
    const shown = await status()
    const json = JSON.parse((await status("--json")).output)
    const stopped = await stop()
    const afterwards = await status()

    expect(started).toMatchObject({ code: 0 })
    for (const text of ["Slipway is ready after", url, "env.sh", "az acr build -r slipway"])
      expect(started.output).toContain(text)
    expect(shown).toMatchObject({ code: 0, output: expect.stringMatching(/^one +healthy .*\n^two +healthy /m) })
    expect(shown.output).toContain("Engine: a test")
    expect(json).toMatchObject({ isRunning: true, state: "ready", url, parts: [{ name: "one" }, { name: "two" }] })
    expect(stopped).toMatchObject({ code: 0, output: expect.stringContaining("Stopped after") })
    expect([json, ...json.parts].filter(({ pid }) => processStartTime(pid))).toEqual([])
    expect(events(dataFolder).slice(-2)).toEqual(["one asked to stop", "one stopped"])
    expect(afterwards).toMatchObject({ code: 3, output: expect.stringContaining("No stack runs") })
  })

  test("lists mistakes in local and service settings at once, before anything is started", async () => {
    const { dataFolder, startDetached } = await setUp(twoParts, {
      SLIPWAY_MAX_BUILDERS: "0",
      SLIPWAY_CACHE: "maybe",
      SLIPWAY_HEARTBEAT_SECONDS: "-1",
    })

    const { code, output } = await startDetached()

    expect(code).toBe(1)
    expect(output).toMatch(
      /^error: The settings are not usable:\n {2}SLIPWAY_MAX_BUILDERS: .+\n {2}SLIPWAY_HEARTBEAT_SECONDS: .+\n {2}SLIPWAY_CACHE: .+\nSee the settings table in README.md.\n$/,
    )
    expect(existsSync(dataFolder)).toBe(false)
  })

  test("refuses a further registry that has the name of the stack's own", async () => {
    const extra = JSON.stringify([{ name: "Slipway", loginServer: "127.0.0.1:6000" }])
    const { startDetached } = await setUp(twoParts, { SLIPWAY_EXTRA_REGISTRIES: extra })

    const { code, output } = await startDetached()

    expect(code).toBe(1)
    expect(output).toContain("\n  SLIPWAY_REGISTRIES: two registries have the same name\n")
  })

  test("says what failed, with the end of that part's log, and leaves nothing running", async () => {
    const { dataFolder, startDetached } = await setUp({ good: { mark: "mark-f41d" }, bad: { fails: true } })

    const { code, output } = await startDetached()

    expect(code).toBe(1)
    expect(output).toContain("error: bad did not start: exit code 4\n")
    expect(output).toContain("  cannot bind the port\n")
    expect(pidsWith("mark-f41d")).toEqual([])
    expect(existsSync(path.join(dataFolder, "run/supervisor.json"))).toBe(false)
  })

  test("warns where other machines reach the stack", async () => {
    const { startDetached } = await setUp(twoParts, { SLIPWAY_HOST: "0.0.0.0" })

    const { code, output } = await startDetached()

    expect(code).toBe(0)
    expect(output).toContain("Listens on 0.0.0.0: whoever reaches this machine reaches")
  })

  test("names the engine, and how to end a stack that is not in the default folder", async () => {
    const { dataFolder, startDetached } = await setUp(twoParts)

    const { output } = await startDetached()

    expect(output).toContain("\nEngine: a test\n")
    expect(output).toContain(
      `SLIPWAY_DATA=${dataFolder} npm stop ends it; SLIPWAY_DATA=${dataFolder} npm run -s status`,
    )
  })

  test("says that there is no engine", async () => {
    const { startDetached } = await setUp(twoParts, { NO_ENGINE: "1" })

    const { code, output } = await startDetached()

    expect(code).toBe(0)
    expect(output).toContain("No container engine answers: builds will fail.")
  })

  test("prints no secret", async () => {
    const { dataFolder, startDetached, status } = await setUp(twoParts)

    const printed = (await startDetached()).output + (await status()).output + (await status("--json")).output

    const { principals, secretKey, registry } = JSON.parse(readFileSync(path.join(dataFolder, "stack.json"), "utf8"))
    const secrets = [secretKey, registry.password, ...principals.map(({ secret }: { secret: string }) => secret)]
    for (const secret of secrets) expect(printed).not.toContain(secret)
  })
})

test("a second start on the same data says who runs already", async () => {
  const { dataFolder, url, startDetached } = await setUp(twoParts)
  await startDetached()
  const running = readRunningSupervisor(dataFolder)

  const second = await startDetached()

  expect(second.code).toBe(1)
  expect(second.output).toContain(`the stack runs already: pid ${running?.pid}, since ${running?.startedAt}, ${url}`)
  expect(second.output).toContain(`End it with SLIPWAY_DATA=${dataFolder} npm stop`)
})

test("two stacks with different data and ports run side by side", async () => {
  const one = await setUp(twoParts)
  const two = await setUp(twoParts)

  const codes = (await Promise.all([one.startDetached(), two.startDetached()])).map(({ code }) => code)

  expect(codes).toEqual([0, 0])
  expect((await one.stop()).code).toBe(0)
  expect((await two.status()).code).toBe(0)
})

describe("a stack that was killed", () => {
  test("leaves nothing behind but a file, which counts as none", async () => {
    const { dataFolder, startDetached, status } = await setUp({ one: { mark: "mark-07b2", grandchild: "86411.5" } })
    await startDetached()
    const file = path.join(dataFolder, "run/supervisor.json")
    const { pid } = SupervisorFile.parse(JSON.parse(readFileSync(file, "utf8")))

    process.kill(pid, "SIGKILL")

    await vi.waitFor(() => expect([...pidsWith("mark-07b2"), ...pidsWith("86411.5")]).toEqual([]))
    expect(existsSync(file)).toBe(true)
    expect((await status()).code).toBe(3)
  })

  test("starts again with the same identity", async () => {
    const { dataFolder, startDetached, status } = await setUp(twoParts)
    await startDetached()
    const before = readFileSync(path.join(dataFolder, "stack.json"), "utf8")
    process.kill(readRunningSupervisor(dataFolder)?.pid ?? 0, "SIGKILL")
    await vi.waitFor(() => expect(readRunningSupervisor(dataFolder)).toBeUndefined())

    const again = await startDetached()

    expect(again.code).toBe(0)
    expect((await status()).code).toBe(0)
    expect(readFileSync(path.join(dataFolder, "stack.json"), "utf8")).toBe(before)
  })
})

describe("npm start in the foreground", () => {
  test("Ctrl-C ends all of it within five seconds, even parts that ignore it", async () => {
    const { dataFolder, startInForeground } = await setUp({ deaf: { ignoresTerm: true, mark: "mark-91aa" } })
    const child = startInForeground()
    await vi.waitFor(() => expect(child.output()).toContain("Ctrl-C ends all of it"), 10_000)
    const startedAt = performance.now()

    child.kill("SIGINT")
    const [code] = await once(child, "exit")

    expect(code).toBe(0)
    expect(performance.now() - startedAt).toBeLessThan(15_000)
    expect(pidsWith("mark-91aa")).toEqual([])
    expect(existsSync(path.join(dataFolder, "run/supervisor.json"))).toBe(false)
  })

  test("one Ctrl-C that arrives twice, as through npm, still ends it gently", async () => {
    const { dataFolder, startInForeground } = await setUp(twoParts)
    const child = startInForeground()
    await vi.waitFor(() => expect(child.output()).toContain("Ctrl-C ends all of it"), 10_000)

    child.kill("SIGINT")
    child.kill("SIGTERM")
    const [code] = await once(child, "exit")

    expect(code).toBe(0)
    expect(events(dataFolder).slice(-2)).toEqual(["one asked to stop", "one stopped"])
  })

  test("Ctrl-C while it still starts ends what has been started", async () => {
    const { dataFolder, startInForeground } = await setUp({ slow: { readyAfterMs: 60_000, mark: "mark-5ce0" } })
    const child = startInForeground()
    await vi.waitFor(() => expect(events(dataFolder)).toContain("slow started"), 10_000)

    child.kill("SIGINT")
    const [code] = await once(child, "exit")

    expect(code).toBe(130)
    expect(pidsWith("mark-5ce0")).toEqual([])
  })
})

describe("the commands", () => {
  test.each(["start", "stop", "status", "token"])(
    "%s explains itself and refuses what it does not know",
    async (name) => {
      const { run } = await setUp({})
      const file = name === "start" ? "test/local/cli/fixtures/start-main.ts" : `local/cli/${name}.ts`

      const help = await run(file, "--help")
      const wrong = await run(file, "--sideways")

      expect(help).toMatchObject({ code: 0, output: expect.stringMatching(/^npm /) })
      expect(wrong).toMatchObject({ code: 2, output: expect.stringContaining("--sideways") })
    },
  )

  test("a role that does not exist is refused in one line", async () => {
    const { run } = await setUp({})

    const { code, output } = await run("local/cli/token.ts", "--role", "king")

    expect({ code, output }).toEqual({ code: 1, output: "error: --role takes reader, runner or admin\n" })
  })
})
