import { readFileSync } from "node:fs"
import path from "node:path"
import { describe, expect, onTestFinished, test, vi } from "vitest"
import { canMakeNamespaces } from "../../../local/supervisor/child-command.ts"
import type { Part } from "../../../local/supervisor/part.ts"
import { createSupervisor } from "../../../local/supervisor/supervisor.ts"
import type { Timings } from "../../../local/supervisor/timings.ts"
import { events, fixturePart } from "./fixtures/part-of.ts"
import { pidsWith, temporaryFolder } from "./test-processes.ts"

const cleanEnv = { PATH: process.env.PATH ?? "" }

async function supervise(folder: string, parts: Part[], timings: Partial<Timings> = {}) {
  const supervisor = createSupervisor({
    parts,
    logsFolder: folder,
    env: cleanEnv,
    canNamespace: await canMakeNamespaces(),
    timings,
  })
  onTestFinished(() => supervisor.stop(1_000))
  return supervisor
}

function pidOf(supervisor: { status(): { name: string; pid?: number | undefined }[] }, name: string): number {
  const pid = supervisor.status().find((part) => part.name === name)?.pid
  if (pid === undefined) throw new Error(`${name} does not run`)
  return pid
}

describe("starting", () => {
  test("parts start at once, and one that comes after another waits until that one answers", async () => {
    const folder = temporaryFolder()
    const supervisor = await supervise(folder, [
      fixturePart(folder, "last", {}, { after: ["slow", "quick"] }),
      fixturePart(folder, "slow", { readyAfterMs: 200 }),
      fixturePart(folder, "quick"),
    ])

    await supervisor.start()

    const seen = events(folder)
    expect(seen.indexOf("slow started")).toBeLessThan(seen.indexOf("slow ready"))
    expect(seen.indexOf("quick ready")).toBeLessThan(seen.indexOf("slow ready"))
    expect(seen.indexOf("slow ready")).toBeLessThan(seen.indexOf("last started"))
    expect(supervisor.status().map(({ state }) => state)).toEqual(["healthy", "healthy", "healthy"])
  })

  test("a part that ends again and again fails the start with its reason and the end of its log", async () => {
    const folder = temporaryFolder()
    const supervisor = await supervise(folder, [fixturePart(folder, "broken", { fails: true })], { restartMinMs: 1 })

    const error = await supervisor.start().catch((reason) => reason)

    expect(error).toMatchObject({ part: "broken", message: "broken did not start: exit code 4" })
    expect(error.tail).toContain("cannot bind the port")
    expect(events(folder)).toEqual(["broken started", "broken started", "broken started"])
  })

  test("a part that never answers fails the start", async () => {
    const folder = temporaryFolder()
    const mute = fixturePart(folder, "mute", {}, { isHealthy: async () => false })
    const supervisor = await supervise(folder, [mute], { startTimeoutMs: 300 })

    await expect(supervisor.start()).rejects.toThrow("mute did not start: it did not answer within 0.3 s")

    expect(readFileSync(path.join(folder, "mute.log"), "utf8")).toContain("did not answer within 0.3 s")
    expect(events(folder).filter((event) => event === "mute started")).toHaveLength(1)
  })

  test("a program that does not exist is named as the reason", async () => {
    const folder = temporaryFolder()
    const supervisor = await supervise(folder, [fixturePart(folder, "gone", {}, { command: "/no/such/program" })], {
      restartMinMs: 1,
    })

    const error = await supervisor.start().catch((reason) => reason)

    expect(error.tail.join("\n")).toContain("/no/such/program")
  })

  test("parts that wait for one another are refused", () => {
    const folder = temporaryFolder()
    const parts = [fixturePart(folder, "a", {}, { after: ["b"] }), fixturePart(folder, "b", {}, { after: ["a"] })]

    expect(() => createSupervisor({ parts, logsFolder: folder, env: {}, canNamespace: false })).toThrow(/a, b/)
  })

  test("a part sees a clean environment and its own configuration, and its output is in its log", async () => {
    const folder = temporaryFolder()
    process.env.SECRET_OF_THE_CALLER = "x"
    onTestFinished(() => {
      delete process.env.SECRET_OF_THE_CALLER
    })
    const supervisor = await supervise(folder, [fixturePart(folder, "one")])

    await supervisor.start()

    const env = JSON.parse(readFileSync(path.join(folder, "one.env"), "utf8"))
    expect(Object.keys(env).filter((name) => !["PWD", "OLDPWD"].includes(name))).toEqual(["PATH", "SLIPWAY_PART"])
    expect(readFileSync(path.join(folder, "one.log"), "utf8")).toContain("one says hello\n")
  })
})

describe("a part that dies", () => {
  test("is started again, with a line in its log that says why", async () => {
    const folder = temporaryFolder()
    const supervisor = await supervise(folder, [fixturePart(folder, "one")], { restartMinMs: 10 })
    await supervisor.start()
    const first = pidOf(supervisor, "one")

    process.kill(first, "SIGKILL")

    await vi.waitFor(() => expect(events(folder).filter((event) => event === "one started")).toHaveLength(2))
    expect(pidOf(supervisor, "one")).not.toBe(first)
    expect(supervisor.status()[0]?.restarts).toBe(1)
    expect(readFileSync(path.join(folder, "one.log"), "utf8")).toContain(
      "killed by SIGKILL; starting it again in 10 ms",
    )
  })

  test("waits twice as long each time, and the shortest time again after it was healthy for long enough", async () => {
    const folder = temporaryFolder()
    const part = fixturePart(folder, "one", {}, { isHealthy: async () => true })
    const supervisor = await supervise(folder, [part], { restartMinMs: 10, restartMaxMs: 25, restartResetMs: 1_000 })
    const waits = () =>
      [...readFileSync(path.join(folder, "one.log"), "utf8").matchAll(/again in (\d+) ms/g)].map(([, ms]) => Number(ms))
    const kill = async (times: number) => {
      await vi.waitFor(() => expect(supervisor.status()[0]?.state).toBe("healthy"), 5_000)
      process.kill(pidOf(supervisor, "one"), "SIGKILL")
      await vi.waitFor(() => expect(waits()).toHaveLength(times), 5_000)
    }
    await supervisor.start()

    for (const times of [1, 2, 3, 4]) await kill(times)
    await vi.waitFor(() => expect(Date.now() - Date.parse(supervisor.status()[0]!.since)).toBeGreaterThan(1_000), 5_000)
    await kill(5)

    expect(waits()).toEqual([10, 20, 25, 25, 10])
  })

  test("takes the grandchildren with it that a PID namespace holds", async ({ skip }) => {
    if (!(await canMakeNamespaces())) skip("PID namespaces need root")
    const folder = temporaryFolder()
    const grandchild = "86321.5"
    const part = fixturePart(folder, "one", { grandchild }, { isNamespaced: true })
    const supervisor = await supervise(folder, [part], { restartMinMs: 60_000, restartMaxMs: 60_000 })
    await supervisor.start()
    expect(pidsWith(`sleep ${grandchild}`)).toHaveLength(1)

    process.kill(pidOf(supervisor, "one"), "SIGKILL")

    await vi.waitFor(() => expect(pidsWith(`sleep ${grandchild}`)).toEqual([]))
  })
})

describe("stopping", () => {
  test("parts end in the reverse of the order they started in", async () => {
    const folder = temporaryFolder()
    const supervisor = await supervise(folder, [
      fixturePart(folder, "first"),
      fixturePart(folder, "second", {}, { after: ["first"] }),
      fixturePart(folder, "third", {}, { after: ["second"] }),
    ])
    await supervisor.start()

    await supervisor.stop(5_000)

    expect(events(folder).slice(-6)).toEqual(
      ["third", "second", "first"].flatMap((name) => [`${name} asked to stop`, `${name} stopped`]),
    )
    expect(supervisor.status().map(({ state }) => state)).toEqual(["stopped", "stopped", "stopped"])
  })

  test("a part that ignores the request is killed when its time is over", async () => {
    const folder = temporaryFolder()
    const part = fixturePart(folder, "deaf", { ignoresTerm: true }, { stopTimeoutMs: 100 })
    const supervisor = await supervise(folder, [part])
    await supervisor.start()
    const pid = pidOf(supervisor, "deaf")

    await supervisor.stop(5_000)

    expect(() => process.kill(pid, 0)).toThrow(/ESRCH/)
    expect(events(folder).at(-1)).toBe("deaf asked to stop")
  })

  test("a namespaced part is asked too, and ends by itself", async () => {
    const folder = temporaryFolder()
    const supervisor = await supervise(folder, [fixturePart(folder, "inner", {}, { isNamespaced: true })])
    await supervisor.start()

    await supervisor.stop(5_000)

    expect(events(folder).slice(-2)).toEqual(["inner asked to stop", "inner stopped"])
  })

  test("the deadline for all ends what waits for a deaf part", async () => {
    const folder = temporaryFolder()
    const deaf = { stopTimeoutMs: 60_000 }
    const supervisor = await supervise(folder, [
      fixturePart(folder, "first", { ignoresTerm: true }, deaf),
      fixturePart(folder, "second", { ignoresTerm: true }, { ...deaf, after: ["first"] }),
    ])
    await supervisor.start()
    const pids = ["first", "second"].map((name) => pidOf(supervisor, name))

    await supervisor.stop(200)

    for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow(/ESRCH/)
  })
})
