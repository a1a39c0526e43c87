import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { type LogLine, type RunningApp, runApp } from "./run-app.ts"

let stateFolder: string
let app: RunningApp

beforeEach(async () => {
  stateFolder = await mkdtemp(path.join(tmpdir(), "host-timers-"))
})
afterEach(async () => {
  await app.stop()
  await rm(stateFolder, { recursive: true })
})

async function start(timers: object, appSettings: Record<string, string> = {}): Promise<RunningApp> {
  app = await runApp({
    app: "timers.mjs",
    appSettings: { TIMERS: JSON.stringify(timers), ...appSettings },
    stateFolder,
  })
  return app
}
const ran = (name: string) => (line: LogLine) => line.category === "user" && line.message.includes(`"name":"${name}"`)
const runs = () =>
  app.userLines().map(({ message, time }) => ({ ...JSON.parse(message), at: new Date(String(time)).getTime() }))
const statusFile = (name: string) => path.join(stateFolder, "timers", `${name}.json`)
const readStatus = async (name: string) => JSON.parse(await readFile(statusFile(name), "utf8"))
async function writeStatus(name: string, status: object): Promise<void> {
  await mkdir(path.dirname(statusFile(name)), { recursive: true })
  await writeFile(statusFile(name), JSON.stringify(status))
}
/** The status, once it is as wanted: it is written after the function has ended. */
async function statusOnce(name: string, wanted: (status: Record<string, string>) => boolean) {
  for (;;) {
    const status = await readStatus(name).catch(() => undefined)
    if (status !== undefined && wanted(status)) return status
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
const hourly = { schedule: "0 0 * * * *" }
const hour = 3_600_000
const lastHour = Math.floor(Date.now() / hour) * hour

describe("a timer", () => {
  it("runs each second on the second, keeps no status, and its schedule may be a setting", async () => {
    await start({ often: { schedule: "%OFTEN%" } }, { OFTEN: "* * * * * *" })

    await app.waitForLine(ran("often"))
    await app.waitForLine(ran("often"), app.lines.findIndex(ran("often")) + 1)

    const [first, second] = runs()
    expect(second.at - first.at).toBeGreaterThan(900)
    expect(first.at % 1000).toBeLessThan(900)
    expect(first.timer).toEqual({ isPastDue: false, schedule: { adjustForDST: true }, scheduleStatus: null })
    await expect(readStatus("often")).rejects.toThrow("ENOENT")
  })

  it("never runs twice at a time, and an occurrence that came meanwhile follows at once", async () => {
    await start({ slow: { schedule: "* * * * * *" } })

    await app.waitForLine(ran("slow"))
    await app.waitForLine(ran("slow"), app.lines.findIndex(ran("slow")) + 1)

    const [first, second] = runs()
    expect(second.running).toBe(1)
    expect(second.at - first.at).toBeGreaterThanOrEqual(1_400)
    expect(second.at - first.at).toBeLessThan(2_900)
  })

  it("with runOnStartup runs at the start and then keeps its status", async () => {
    await start({ eager: { ...hourly, runOnStartup: true } })

    await app.waitForLine(ran("eager"))
    const status = await statusOnce("eager", ({ Last }) => Last !== null)

    expect(Object.keys(status).sort()).toEqual(["Last", "LastUpdated", "Next"])
    expect(runs()[0].timer.scheduleStatus.next).toMatch(/:00:00/)
    expect(new Date(status.Next).getTime() % hour).toBe(0)
    expect(new Date(status.Next).getTime()).toBeGreaterThan(new Date(status.Last).getTime())
  })

  it("that never ran writes when it will, and does not run at the start", async () => {
    await start({ patient: hourly })

    const status = await statusOnce("patient", () => true)

    expect(status).toMatchObject({ Last: null })
    expect((await app.send("GET", "/api/alive")).status).toBe(204)
    expect(runs()).toEqual([])
  })

  it("with useMonitor false keeps no status and misses what it missed", async () => {
    await start({ careless: { ...hourly, useMonitor: false, runOnStartup: true } })

    await app.waitForLine(ran("careless"))

    expect(runs()[0].timer.scheduleStatus).toBeNull()
    await expect(readStatus("careless")).rejects.toThrow("ENOENT")
  })

  it("that was missed runs once at the start, however often it was missed, and says that it is past due", async () => {
    await writeStatus("missed", {
      Last: new Date(lastHour - 5 * hour),
      Next: new Date(lastHour - 4 * hour),
      LastUpdated: new Date(lastHour - 5 * hour),
    })

    await start({ missed: hourly })
    await app.waitForLine(ran("missed"))
    const status = await statusOnce("missed", ({ Last = "" }) => new Date(Last).getTime() > lastHour - hour)

    expect(runs()).toHaveLength(1)
    expect(runs()[0].timer).toMatchObject({
      isPastDue: true,
      scheduleStatus: { next: new Date(lastHour - 4 * hour).toISOString() },
    })
    expect(new Date(status.Next).getTime()).toBeGreaterThan(Date.now())
  })

  it("whose schedule was changed meanwhile is computed from now and does not run at the start", async () => {
    await writeStatus("changed", {
      Last: new Date(lastHour - 5 * hour),
      Next: new Date(lastHour - 4.5 * hour),
      LastUpdated: new Date(lastHour - 5 * hour),
    })

    await start({ changed: hourly })
    const status = await statusOnce("changed", ({ Last }) => Last === null)

    expect(new Date(status.Next).getTime()).toBeGreaterThan(Date.now())
    expect((await app.send("GET", "/api/alive")).status).toBe(204)
    expect(runs()).toEqual([])
  })

  it("that runs when the host stops ends, and its status says so", async () => {
    await start({ slow: { ...hourly, runOnStartup: true } })
    await app.waitForLine(ran("slow"))

    expect(await app.stop()).toBe(0)

    expect((await readStatus("slow")).Last).not.toBeNull()
  })

  it("whose status file is broken starts anew", async () => {
    await writeStatus("broken", { Last: "never" })

    await start({ broken: hourly })

    await statusOnce("broken", ({ Next }) => Next !== undefined)
  })

  it.each([
    ["a fixed delay", { strategy: "fixedDelay", maxRetryCount: 2, delayInterval: { seconds: 0 } }],
    [
      "a growing delay",
      { strategy: "exponentialBackoff", maxRetryCount: 2, minimumInterval: 0, maximumInterval: { seconds: 1 } },
    ],
  ])("that fails is run again with %s, and its context counts", async (_, retry) => {
    await start({ failing: { ...hourly, runOnStartup: true, retry } })

    await app.waitForLine((line) => ran("failing")(line) && line.message.includes('"retryCount":2'))

    expect(runs().map((run) => run.retry)).toEqual([
      { retryCount: 0, maxRetryCount: 2 },
      { retryCount: 1, maxRetryCount: 2, exception: { message: "not yet" } },
      { retryCount: 2, maxRetryCount: 2, exception: { message: "not yet" } },
    ])
  })
})
