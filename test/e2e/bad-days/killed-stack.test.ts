import { afterAll, beforeAll, expect, test } from "vitest"
import { TERMINAL } from "../setup/arm-client.ts"
import { poll } from "../setup/test-stack.ts"
import { azWithin, followBuild } from "./az-within.ts"
import { type BadDayStack, startBadDayStack } from "./bad-day-stack.ts"
import { expectEachLineOnce, lastLine } from "./log-lines.ts"

let stack: BadDayStack
beforeAll(async () => {
  stack = await startBadDayStack({ SLIPWAY_MAX_BUILDERS: "3" })
})
afterAll(() => stack?.stop())

/** With the tests' intervals; an operator's are some four times as long, within the two minutes that are promised. */
const ENDED_WITHIN = 40

async function closedLog(runId: string) {
  return poll(
    `the log of ${runId} to be closed`,
    async () => {
      const log = await stack.arm.readLog("slipway", runId)
      return log.complete !== undefined && log
    },
    ENDED_WITHIN,
  )
}

test("az that follows a build does not hang while the host is killed, and the build succeeds once", async () => {
  const follower = await followBuild(stack, { seconds: 60, lines: 60 })

  await stack.kill("host")

  const { code, stdout } = await follower.ended
  const run = await stack.arm.finished("slipway", follower.runId, 60)
  const log = await closedLog(follower.runId)
  expect(run.status, log.text).toBe("Succeeded")
  expectEachLineOnce(log.text, 60)
  expect(await stack.launchesOf(follower.runId)).toBe(1)
  expect(code, stdout).toBe(0)
})

test("a stack that is killed during builds ends each of them once with a reason, and az with them", async () => {
  const running = await Promise.all([1, 2].map((n) => stack.queueNumbered({ lines: 600, image: `dead/app${n}:v1` })))
  await Promise.all(running.map((run) => stack.printed(run, "n-3")))
  const follower = await followBuild(stack, { seconds: 90, lines: 600 })
  // Three builders are all that may run: this one waits for its turn.
  const waiting = await stack.queueNumbered({ lines: 5, image: "dead/waiting:v1" })
  await poll(
    "the waiting run to be stored",
    async () => (await stack.arm.getRun("slipway", waiting.runId)) !== undefined,
  )

  await stack.killAll()
  await stack.startAgain()

  const startedAt = performance.now()
  for (const { runId } of [...running, follower]) {
    const run = await stack.arm.finished("slipway", runId, ENDED_WITHIN)
    const log = await closedLog(runId)
    expect(run.status, log.text).toBe("Error")
    expect(run.runErrorMessage).toMatch(/builder|storage stopped/)
    expect(log.complete).toBe("internalerror")
    expect(lastLine(log.text)).toMatch(/^Run ID: \w+ failed after \d+s\. Error: .+/)
    expect(await stack.launchesOf(runId)).toBeLessThanOrEqual(1)
  }
  // Azurite may have lost the last moments before it was killed, and this run with them: then it is an Error with a reason.
  const late = await stack.arm.finished("slipway", waiting.runId, ENDED_WITHIN)
  const lateLog = await closedLog(waiting.runId)
  if (late.status === "Succeeded") expectEachLineOnce(lateLog.text, 5)
  else expect(late.runErrorMessage, lateLog.text).toMatch(/storage stopped/)
  expect((performance.now() - startedAt) / 1_000).toBeLessThan(120)

  const { code, stdout, stderr } = await follower.ended
  expect(code, "az was still there when its time was over").not.toBe(124)
  expect(code, stdout + stderr).toBe(1)
  expect(stdout + stderr).not.toContain("Traceback")
  const logs = await azWithin(stack, 40, ["acr", "task", "logs", "-r", "slipway", "--run-id", follower.runId])
  expect(logs.code, logs.stderr).not.toBe(124)
  expect(logs.stdout).toMatch(/failed after \d+s/)
  for (const run of [...running, waiting]) {
    await poll(`nothing to be left by ${run.runId}`, async () => (await stack.leftBy(run)).length === 0, 20).catch(
      async () => expect(await stack.leftBy(run)).toEqual([]),
    )
  }
}, 180_000)

test("a stack that is killed at once after scheduleRun answered does not forget the run", async () => {
  const runs = await Promise.all([1, 2].map(() => stack.queueNumbered({ lines: 3 })))

  await stack.killAll()
  await stack.startAgain()

  for (const { runId, lines } of runs) {
    const run = await poll(
      `run ${runId} to end`,
      async () => {
        const found = await stack.arm.getRun("slipway", runId)
        return TERMINAL.includes(found?.status) && found
      },
      ENDED_WITHIN,
    )
    const log = await closedLog(runId)
    if (run.status === "Succeeded") expectEachLineOnce(log.text, lines)
    else expect(run.runErrorMessage, log.text).toMatch(/builder|storage stopped/)
    // A builder that was killed before its claim is launched again; what must not happen is that two of them worked.
    expect(log.text.match(/Executing step ID: build\./g)?.length ?? 0).toBeLessThanOrEqual(1)
  }
}, 90_000)
