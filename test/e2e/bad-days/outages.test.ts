import path from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import { digestInRegistry, plainRegistry } from "../setup/base-image.ts"
import { poll } from "../setup/test-stack.ts"
import { type BadDayStack, restartPlainRegistry, startBadDayStack } from "./bad-day-stack.ts"
import { expectEachLineOnce } from "./log-lines.ts"
import { processesCalled, signal } from "./processes.ts"

let stack: BadDayStack
beforeAll(async () => {
  stack = await startBadDayStack({ SLIPWAY_MAX_BUILDERS: "8" })
})
afterAll(() => stack?.stop())

const AWAY_MS = 10_000
const seconds = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

async function expectSucceeded(runs: { registry: string; runId: string; lines: number }[]) {
  for (const { registry, runId, lines } of runs) {
    const run = await stack.arm.finished(registry, runId, 60)
    const { text, complete } = await stack.arm.readLog(registry, runId)
    expect(run.status, text).toBe("Succeeded")
    expect(complete).toBe("successful")
    expectEachLineOnce(text, lines)
    expect(await stack.launchesOf(runId)).toBe(1)
  }
}

test("registries that are away or silent for 10 s, before a build and when it pushes, do not fail a run", async () => {
  const config = path.join(path.dirname(stack.state.dataFolder), "plain-registry.yml")
  const building = await Promise.all([
    stack.queueNumbered({ lines: 20, image: "away/push:v1" }),
    stack.queueNumbered({ lines: 20, image: "away/push:v1", to: "plainreg" }),
  ])
  await Promise.all(building.map((run) => stack.printed(run, "n-2")))

  for (const { pid } of processesCalled(config)) signal(pid, "SIGKILL")
  const down = stack.keepDown("registry", AWAY_MS / 1_000)
  const queued = await Promise.all([
    stack.queueNumbered({ lines: 2, image: "away/pull:v1" }),
    stack.queueNumbered({ lines: 2, image: "away/pull:v1", to: "plainreg" }),
  ])
  await seconds(AWAY_MS / 2)
  // Back, but only to take connections: no answer comes for the rest of the time.
  const plain = restartPlainRegistry(config)
  await poll("the plain registry", () => fetch(`http://${stack.plain.loginServer}/v2/`).then(({ ok }) => ok))
  for (const { pid } of processesCalled(config)) signal(pid, "SIGSTOP")
  await down
  for (const { pid } of processesCalled(config)) signal(pid, "SIGCONT")

  await expectSucceeded([...building, ...queued])
  for (const [registry, name] of [
    [stack.registry, "away/push"],
    [plainRegistry(stack), "away/push"],
    [stack.registry, "away/pull"],
    [plainRegistry(stack), "away/pull"],
  ] as const) {
    expect(await digestInRegistry(registry, name, "v1")).toMatch(/^sha256:/)
  }
  plain.kill("SIGKILL")
}, 90_000)

test("a blob store that does not answer for 10 s loses no line and doubles none", async () => {
  const runs = await Promise.all([1, 2, 3].map(() => stack.queueNumbered({ lines: 125 })))
  await Promise.all(runs.map((run) => stack.printed(run, "n-5")))

  const pid = stack.pidOf("storage")
  signal(pid, "SIGSTOP")
  const late = stack.queueNumbered({ lines: 5 })
  await seconds(AWAY_MS)
  signal(pid, "SIGCONT")

  await expectSucceeded([...runs, await late])
}, 90_000)
