import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import path from "node:path"
import { describe, expect, onTestFinished, test, vi } from "vitest"
import { launcherSocketPath, prepareSocketFolder } from "../../../local/launcher/launcher-socket.ts"
import { createProcessLauncher } from "../../../shared/builders/process-launcher.ts"
import { pidsWith, temporaryFolder } from "../supervisor/test-processes.ts"
import { startLauncher } from "./fixture-launcher.ts"

describe("launching", () => {
  test("a builder gets its run, its engine and an empty work folder, and nothing else", async () => {
    const { folder, launcher, launchOf, started } = await startLauncher()

    await launcher.launch(launchOf("ab1-2", { attempt: 2 }))

    const { env, cwd, workFolder } = await started("ab1-2")
    const names = Object.keys(env).filter((name) => !["PWD", "OLDPWD", "_", "SHLVL"].includes(name))
    expect(names.sort()).toEqual(
      [
        "NODE_EXTRA_CA_CERTS",
        "PATH",
        "SLIPWAY_BUILDER_ATTEMPT",
        "SLIPWAY_ENGINE",
        "SLIPWAY_RUN_TOKEN",
        "SLIPWAY_RUN_URL",
        "SLIPWAY_WORK_DIR",
      ].sort(),
    )
    expect(env).toMatchObject({ SLIPWAY_BUILDER_ATTEMPT: "2", SLIPWAY_RUN_TOKEN: "stay" })
    expect(JSON.parse(env.SLIPWAY_ENGINE)).toMatchObject({ dialect: "docker", reason: "a test" })
    expect({ cwd, workFolder }).toEqual({ cwd: path.join(folder, "builds/ab1-2"), workFolder: [] })
    expect(statSync(path.join(folder, "builds/ab1-2")).mode & 0o777).toBe(0o700)
  })

  test("the token of a run never stands in an argument list", async () => {
    const { launcher, launchOf, started } = await startLauncher()

    await launcher.launch(launchOf("ab1-1", { runToken: "token-5f0c2e" }))
    await started("ab1-1")

    expect(pidsWith("token-5f0c2e")).toEqual([])
  })

  test("a name that runs already is not started twice, not even by two requests at once", async () => {
    const { launcher, launchOf, started, logText } = await startLauncher()

    await Promise.all([launcher.launch(launchOf("ab1-1")), launcher.launch(launchOf("ab1-1"))])
    await started("ab1-1")
    await launcher.launch(launchOf("ab1-1"))

    expect(await launcher.list()).toEqual([{ name: "ab1-1", runId: "ab1", registryName: "slipway", isRunning: true }])
    expect(logText().match(/ab1-1 started/g)).toHaveLength(1)
  })

  test("beyond the limit the answer is: later", async () => {
    const { launcher, launchOf, pool, started } = await startLauncher({ maxBuilders: 1 })
    await launcher.launch(launchOf("ab1-1"))
    await started("ab1-1")

    const refused = launcher.launch(launchOf("ab2-1"))

    await expect(refused).rejects.toMatchObject({ code: "LauncherUnavailable", isRetryable: true })
    await pool.stop("ab1-1")
    await launcher.launch(launchOf("ab2-1"))
    await started("ab2-1")
    expect((await launcher.list()).find(({ isRunning }) => isRunning)?.name).toBe("ab2-1")
  })

  test("what is no builder is refused for good, with the field that is wrong", async () => {
    const { launcher, launchOf } = await startLauncher()

    const refused = launcher.launch(launchOf("../../etc"))

    await expect(refused).rejects.toMatchObject({ code: "LaunchRefused", isRetryable: false })
    await expect(refused).rejects.toThrow(/name: /)
  })

  test("no launcher at the socket means later, too", async () => {
    const launcher = createProcessLauncher({ socketPath: path.join(temporaryFolder(), "none.sock") })

    await expect(launcher.list()).rejects.toMatchObject({ code: "LauncherUnavailable", isRetryable: true })
  })
})

describe("when a builder ends", () => {
  test("its work folder goes and so does what the engine holds of its run, and of no other", async () => {
    const { folder, launcher, launchOf, started, engineHolds, logText } = await startLauncher({}, [
      "container c1 slipway.run=ab1",
      "network n1 slipway.run=ab1",
      "volume v1 slipway.run=ab1",
      "container c2 slipway.run=ab2",
    ])
    await launcher.launch(launchOf("ab1-1", { runToken: "exit" }))
    await started("ab1-1")

    await vi.waitFor(async () => expect((await launcher.list())[0]?.isRunning).toBe(false), 5_000)

    expect(existsSync(path.join(folder, "builds/ab1-1"))).toBe(false)
    expect(engineHolds()).toEqual(["container c2 slipway.run=ab2"])
    expect(logText()).toContain("ab1-1 ended: exit code 3")
    expect(logText()).toContain("ab1-1 attempt 1\n")
  })

  test("the same holds for one that was killed", async () => {
    const { folder, launcher, launchOf, started, engineHolds } = await startLauncher({}, [
      "container c1 slipway.run=ab1",
    ])
    await launcher.launch(launchOf("ab1-1"))
    await started("ab1-1")
    const [pid = 0] = pidsWith("builder-process.mjs")

    process.kill(pid, "SIGKILL")

    await vi.waitFor(() => expect(engineHolds()).toEqual([]), 5_000)
    await vi.waitFor(() => expect(existsSync(path.join(folder, "builds/ab1-1"))).toBe(false), 5_000)
  })

  test("what an engine that is away still holds goes when it is back", async () => {
    const engine = { ...(await startLauncher()).engine, command: "/nonexistent" }
    const away = await startLauncher({ engine: Promise.resolve(engine) })
    await away.launcher.launch(away.launchOf("ab1-1"))
    await away.started("ab1-1")
    await away.launcher.stop("ab1-1")
    expect(readdirSync(path.join(away.folder, "builds"))).toEqual(["ab1-1", "ab1-1.run"])

    engine.command = path.join(import.meta.dirname, "fixtures/engine.sh")

    await vi.waitFor(() => expect(readdirSync(path.join(away.folder, "builds"))).toEqual([]), 5_000)
  })

  test("what can still write into its folder goes before the folder", async () => {
    const { launcher, launchOf, started, buildsAtRemoval } = await startLauncher({}, ["container c1 slipway.run=ab1"])
    await launcher.launch(launchOf("ab1-1"))
    await started("ab1-1")

    await launcher.stop("ab1-1")

    expect(buildsAtRemoval()).toEqual(["ab1-1", "ab1-1.run"])
  })

  test("its name starts nothing into a folder that cannot be removed yet", async () => {
    const engine = { ...(await startLauncher()).engine, command: "/nonexistent" }
    const away = await startLauncher({ engine: Promise.resolve(engine) })
    await away.launcher.launch(away.launchOf("ab1-1", { runToken: "exit" }))
    await away.started("ab1-1")
    await vi.waitFor(async () => expect((await away.launcher.list())[0]?.isRunning).toBe(false), 5_000)

    const refused = away.launcher.launch(away.launchOf("ab1-1"))

    await expect(refused).rejects.toMatchObject({ code: "LauncherUnavailable", isRetryable: true })
    engine.command = path.join(import.meta.dirname, "fixtures/engine.sh")
    await away.launcher.launch(away.launchOf("ab1-1"))
    expect((await away.launcher.list())[0]?.isRunning).toBe(true)
  })

  test("another attempt of the same run keeps what it uses, and the folders go with the last", async () => {
    const { folder, launcher, launchOf, started, engineHolds } = await startLauncher({}, [
      "container c1 slipway.run=ab1",
    ])
    await launcher.launch(launchOf("ab1-1"))
    await launcher.launch(launchOf("ab1-2"))
    await Promise.all([started("ab1-1"), started("ab1-2")])

    await launcher.stop("ab1-1")
    const during = { engine: engineHolds(), builds: readdirSync(path.join(folder, "builds")).sort() }
    await launcher.stop("ab1-2")

    expect(during).toEqual({
      engine: ["container c1 slipway.run=ab1"],
      builds: ["ab1-1", "ab1-1.run", "ab1-2", "ab1-2.run"],
    })
    expect(readdirSync(path.join(folder, "builds"))).toEqual([])
    expect(engineHolds()).toEqual([])
  })
})

describe("stopping", () => {
  test("returns when the builder is gone, and again without an error", async () => {
    const { folder, launcher, launchOf, started } = await startLauncher()
    await launcher.launch(launchOf("ab1-1"))
    await started("ab1-1")

    await launcher.stop("ab1-1")
    await launcher.stop("ab1-1")
    await launcher.stop("never-was")

    expect(await launcher.list()).toMatchObject([{ name: "ab1-1", isRunning: false }])
    expect(readdirSync(path.join(folder, "builds"))).toEqual([])
  })

  test("a builder that ignores the request is killed", async () => {
    const { launcher, launchOf, started, logText } = await startLauncher({ graceMs: 50 })
    await launcher.launch(launchOf("ab1-1", { runToken: "deaf" }))
    await started("ab1-1")

    await launcher.stop("ab1-1")

    expect(logText()).toContain("ab1-1 ended: killed by SIGKILL")
  })

  test("a builder that outlives its time is stopped", async () => {
    const { launcher, launchOf, logText } = await startLauncher()

    await launcher.launch(launchOf("ab1-1", { maxLifetimeSeconds: 0.3 }))

    await vi.waitFor(async () => expect((await launcher.list())[0]?.isRunning).toBe(false), 5_000)
    expect(logText()).toContain("has lived for its 0.3 s")
  })

  test("closing ends every builder and starts no more", async () => {
    const { launcher, launchOf, pool, started } = await startLauncher()
    await launcher.launch(launchOf("ab1-1"))
    await started("ab1-1")

    await pool.close()

    expect(pidsWith("builder-process.mjs")).toEqual([])
    expect((await launcher.list()).map(({ isRunning }) => isRunning)).toEqual([false])
    await expect(launcher.launch(launchOf("ab2-1"))).rejects.toMatchObject({ code: "LauncherUnavailable" })
  })
})

describe("what a killed supervisor left", () => {
  function leave(folder: string) {
    mkdirSync(path.join(folder, "builds/old1-1/deep"), { recursive: true })
    writeFileSync(path.join(folder, "builds/old1-1/deep/secret"), "x")
    writeFileSync(path.join(folder, "builds/old1-1.run"), "old1")
  }

  test("is removed at the next start, and another stack's runs on the same engine are not", async () => {
    const folder = temporaryFolder()
    leave(folder)

    const { engineHolds, buildsAtRemoval } = await startLauncher({ dataFolder: folder }, [
      "container c1 slipway.run=old1",
      "container c2 slipway.run=other",
    ])

    await vi.waitFor(() => expect(readdirSync(path.join(folder, "builds"))).toEqual([]), 5_000)
    expect(engineHolds()).toEqual(["container c2 slipway.run=other"])
    expect(buildsAtRemoval()).toEqual(["old1-1", "old1-1.run"])
  })

  test("goes while the stack runs when its engine is away at the start", async () => {
    const folder = temporaryFolder()
    leave(folder)
    const engine = { ...(await startLauncher()).engine, command: "/nonexistent" }
    const { logText } = await startLauncher({ dataFolder: folder, engine: Promise.resolve(engine) })
    await vi.waitFor(() => expect(logText()).toContain("could not remove what run old1 left"), 5_000)
    expect(readdirSync(path.join(folder, "builds")).sort()).toEqual(["old1-1", "old1-1.run"])

    engine.command = path.join(import.meta.dirname, "fixtures/engine.sh")

    await vi.waitFor(() => expect(readdirSync(path.join(folder, "builds"))).toEqual([]), 5_000)
  })

  test("goes at once where no builder was noted, whatever the engine says", async () => {
    const folder = temporaryFolder()
    mkdirSync(path.join(folder, "builds/old2-1/deep"), { recursive: true })
    writeFileSync(path.join(folder, "builds/old3-1.run"), "")

    await startLauncher({ dataFolder: folder, engine: Promise.resolve(undefined) })

    await vi.waitFor(() => expect(readdirSync(path.join(folder, "builds"))).toEqual([]), 5_000)
  })

  test("stays while there is no engine to remove it from", async () => {
    const folder = temporaryFolder()
    leave(folder)

    const { launcher, launchOf, started } = await startLauncher({
      dataFolder: folder,
      engine: Promise.resolve(undefined),
    })
    await launcher.launch(launchOf("ab1-1"))
    await started("ab1-1")

    expect(readdirSync(path.join(folder, "builds")).sort()).toEqual(["ab1-1", "ab1-1.run", "old1-1", "old1-1.run"])
  })

  test("is known because a running builder is noted", async () => {
    const { folder, launcher, launchOf, started } = await startLauncher()

    await launcher.launch(launchOf("ab1-1"))
    await started("ab1-1")

    expect(readFileSync(path.join(folder, "builds/ab1-1.run"), "utf8")).toBe("ab1")
  })
})

describe("the socket", () => {
  test("opens to its owner only", async () => {
    const { socketPath } = await startLauncher()

    expect(statSync(socketPath).mode & 0o777).toBe(0o600)
  })

  test("moves to a private folder when its path would be too long", () => {
    const long = `/data/${"a".repeat(100)}`

    const socket = launcherSocketPath(long)

    expect(socket).toMatch(/^\/tmp\/slipway-\d+\/[0-9a-f]{16}\.sock$/)
    expect(launcherSocketPath(`${long}b`)).not.toBe(socket)
    expect(launcherSocketPath("/data")).toBe("/data/run/launcher.sock")
  })

  test("is refused in a folder that others may write to", () => {
    const folder = path.join(temporaryFolder(), "open")
    mkdirSync(folder)
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))

    expect(() => prepareSocketFolder(path.join(folder, "launcher.sock"))).toThrow(/mode 0700/)
  })
})
