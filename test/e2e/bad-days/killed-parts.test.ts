import { readdir } from "node:fs/promises"
import path from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import { digestInRegistry } from "../setup/base-image.ts"
import { poll } from "../setup/test-stack.ts"
import { type BadDayStack, startBadDayStack } from "./bad-day-stack.ts"
import { expectEachLineOnce, lastLine } from "./log-lines.ts"
import { signal } from "./processes.ts"

let stack: BadDayStack
beforeAll(async () => {
  stack = await startBadDayStack({ SLIPWAY_MAX_BUILDERS: "8" })
})
afterAll(() => stack?.stop())

type Numbered = Awaited<ReturnType<BadDayStack["queueNumbered"]>>

async function expectSucceededOnce({ registry, runId, lines }: Numbered) {
  const run = await stack.arm.finished(registry, runId, 60)
  const { text, complete } = await stack.arm.readLog(registry, runId)
  expect(run.status, text).toBe("Succeeded")
  expect(complete).toBe("successful")
  expectEachLineOnce(text, lines)
  expect(await stack.launchesOf(runId)).toBe(1)
}

/** Ended by the service or its builder for a reason of ours, the log closed with it, and nothing is left. */
async function expectError(run: Numbered, why: RegExp, seconds = 30) {
  const ended = await stack.arm.finished(run.registry, run.runId, seconds)
  const log = await poll("the log to be closed", async () => {
    const read = await stack.arm.readLog(run.registry, run.runId)
    return read.complete !== undefined && read
  })
  expect(ended.status, log.text).toBe("Error")
  expect(ended.runErrorMessage).toMatch(why)
  expect(log.complete).toBe("internalerror")
  expect(lastLine(log.text)).toMatch(new RegExp(`^Run ID: ${run.runId} failed after \\d+s\\. Error: `))
  expect(lastLine(log.text)).toMatch(why)
  expect(log.text.match(/^Run ID: /gm)).toHaveLength(1)
  expect(await stack.launchesOf(run.runId)).toBeLessThanOrEqual(1)
}

const nothingLeftBy = (run: Numbered) =>
  poll(`nothing to be left by ${run.runId}`, async () => (await stack.leftBy(run)).length === 0, 15).catch(async () =>
    expect(await stack.leftBy(run)).toEqual([]),
  )

test("a builder that is killed ends its run as Error within seconds, and leaves and pushes nothing", async () => {
  const run = await stack.queueNumbered({ lines: 600, image: "killed/builder:v1" })
  await stack.printed(run, "n-3")
  expect(await stack.leftBy(run)).not.toEqual([])

  signal(stack.builderOf(run.runId), "SIGKILL")

  await expectError(run, /builder/i, 20)
  await nothingLeftBy(run)
  expect(await readdir(path.join(stack.state.dataFolder, "builds"))).toEqual([])
  expect(await digestInRegistry(stack.registry, "killed/builder", "v1")).toBeUndefined()
  await expectSucceededOnce(await stack.queueNumbered({ lines: 3, image: "killed/builder:v2" }))
})

test("an engine that is killed ends its builds as Error, and the next build works", async () => {
  const runs = await Promise.all([1, 2].map((n) => stack.queueNumbered({ lines: 600, image: `killed/engine${n}:v1` })))
  await Promise.all(runs.map((run) => stack.printed(run, "n-3")))

  signal(stack.dockerd(), "SIGKILL")

  for (const run of runs) await expectError(run, /container engine is gone|docker daemon/i)
  await stack.healthy("engine")
  for (const run of runs) await nothingLeftBy(run)
  await expectSucceededOnce(await stack.queueNumbered({ lines: 3, image: "killed/engine1:v2" }))
  expect(await digestInRegistry(stack.registry, "killed/engine1", "v1")).toBeUndefined()
})

test("an engine that is away when a build begins ends it as Error", async () => {
  const isDown = stack.keepDown("engine", 5)
  const run = await stack.queueNumbered({ lines: 3 })

  await expectError(run, /engine/)

  await isDown
  await stack.healthy("engine")
  await nothingLeftBy(run)
})

test("builds outlive the host, the front and the broker, each killed while they run, and run once", async () => {
  const running = await Promise.all([1, 2].map((n) => stack.queueNumbered({ lines: 80, image: `outlive/app${n}:v1` })))
  await Promise.all(running.map((run) => stack.printed(run, "n-3")))

  const fresh: Numbered[] = []
  for (const part of ["host", "front", "service-bus"] as const) {
    // One more each time: it is queued, launched or claimed when the part dies.
    fresh.push(await stack.queueNumbered({ lines: 5 }))
    await stack.kill(part)
  }

  for (const run of [...running, ...fresh]) await expectSucceededOnce(run)
}, 90_000)

test("while the broker is away scheduleRun answers, and the run runs once when it is back", async () => {
  const isDown = stack.keepDown("service-bus", 6)
  const startedAt = performance.now()
  const runs = await Promise.all([1, 2, 3].map(() => stack.queueNumbered({ lines: 5 })))
  const answeredMs = performance.now() - startedAt
  await isDown

  for (const run of runs) await expectSucceededOnce(run)
  expect(answeredMs).toBeLessThan(10_000)
}, 90_000)

test("after the storage is killed each run has succeeded once or ended as Error, and its log is closed", async () => {
  const running = await Promise.all([1, 2, 3].map((n) => stack.queueNumbered({ lines: 40, image: `lost/app${n}:v1` })))
  await Promise.all(running.map((run) => stack.printed(run, "n-3")))
  const fresh = await stack.queueNumbered({ lines: 5 })

  await stack.kill("storage")

  for (const { registry, runId } of [...running, fresh]) {
    const run = await stack.arm.finished(registry, runId, 60)
    const log = await poll("the log to be closed", async () => {
      const read = await stack.arm.readLog(registry, runId)
      return read.complete !== undefined && read
    })
    expect(run.status === "Succeeded" || (run.status === "Error" && run.runErrorMessage), log.text).toBeTruthy()
    expect(lastLine(log.text)).toMatch(new RegExp(`^Run ID: ${runId} `))
    expect(await stack.launchesOf(runId)).toBeLessThanOrEqual(1)
  }
}, 90_000)
