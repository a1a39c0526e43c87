import { afterAll, beforeAll, expect, test } from "vitest"
import { digestInRegistry } from "../setup/base-image.ts"
import { poll } from "../setup/test-stack.ts"
import { type BadDayStack, startBadDayStack } from "./bad-day-stack.ts"
import { expectEachLineOnce, lastLine } from "./log-lines.ts"

let stack: BadDayStack
beforeAll(async () => {
  stack = await startBadDayStack({ SLIPWAY_MAX_BUILDERS: "1" })
})
afterAll(() => stack?.stop())

type Numbered = Awaited<ReturnType<BadDayStack["queueNumbered"]>>

async function expectCanceled({ runId }: Numbered) {
  const run = await stack.arm.finished("slipway", runId, 20)
  const log = await poll("the log to be closed", async () => {
    const read = await stack.arm.readLog("slipway", runId)
    return read.complete !== undefined && read
  })
  expect(run.status, log.text).toBe("Canceled")
  expect(log.complete).toBe("canceled")
  expect(lastLine(log.text)).toMatch(new RegExp(`^Run ID: ${runId} was canceled after \\d+s$`))
}

const nothingLeftBy = (run: Numbered) =>
  poll(`nothing to be left by ${run.runId}`, async () => (await stack.leftBy(run)).length === 0, 15).catch(async () =>
    expect(await stack.leftBy(run)).toEqual([]),
  )

test("a queued and a running build are cancelled: the one never starts, the other leaves nothing behind", async () => {
  const running = await stack.queueNumbered({ lines: 600, image: "canceled/running:v1" })
  await stack.printed(running, "n-3")
  const queued = await stack.queueNumbered({ lines: 3, image: "canceled/queued:v1" })
  const next = await stack.queueNumbered({ lines: 3 })
  expect((await stack.arm.getRun("slipway", queued.runId)).status).toBe("Queued")
  expect((await stack.leftBy(running)).join("\n")).toMatch(/network slipway-run-.*|process \d+ sleep/s)

  const answers = await Promise.all(
    [queued, running].map(({ runId }) => stack.arm.arm("slipway").post(`runs/${runId}/cancel`)),
  )

  expect(answers.map(({ status }) => status)).toEqual([200, 200])
  // Nobody has to wait for a builder that was never there.
  expect((await stack.arm.getRun("slipway", queued.runId)).status).toBe("Canceled")
  await expectCanceled(queued)
  await expectCanceled(running)
  const done = await stack.arm.finished("slipway", next.runId, 40)
  expect(done.status).toBe("Succeeded")
  expectEachLineOnce((await stack.arm.readLog("slipway", next.runId)).text, 3)
  expect(await stack.launchesOf(queued.runId)).toBe(0)
  for (const run of [queued, running, next]) await nothingLeftBy(run)
  for (const name of ["canceled/running", "canceled/queued"]) {
    expect(await digestInRegistry(stack.registry, name, "v1")).toBeUndefined()
  }
})

test("cancelling twice is fine, and a run that has ended cannot be cancelled any more", async () => {
  const run = await stack.queueNumbered({ lines: 600 })
  await stack.printed(run, "n-1")
  const cancel = () => stack.arm.arm("slipway").post(`runs/${run.runId}/cancel`)

  const [first, second] = [await cancel(), await cancel()]
  await expectCanceled(run)
  const ended = await stack.queueNumbered({ lines: 1 })
  await stack.arm.finished("slipway", ended.runId)
  const late = await stack.arm.arm("slipway").post(`runs/${ended.runId}/cancel`)

  expect([first.status, second.status, late.status]).toEqual([200, 200, 409])
})
