import { expect, test } from "vitest"
import { type GraphStep, runGraph } from "../../../builder/steps/run-graph.ts"

/** Steps that end when they are told to. */
function world(steps: GraphStep[]) {
  const events: string[] = []
  const doors = new Map(steps.map(({ id }) => [id, Promise.withResolvers<void>()]))
  const stopper = new AbortController()
  const done = runGraph(
    steps,
    async ({ id }, signal) => {
      events.push(`start ${id}`)
      const stopped = new Promise<never>((_, reject) => {
        signal.addEventListener("abort", () => reject(new Error(`${id} was stopped`)))
      })
      await Promise.race([doors.get(id)?.promise, stopped]).finally(() => events.push(`end ${id}`))
    },
    stopper.signal,
  )
  const settled = done.then(
    () => "succeeded",
    (error: Error) => error.message,
  )
  const tick = () => new Promise((resolve) => setImmediate(resolve))
  return {
    events,
    settled,
    stop: () => stopper.abort(new Error("the run was stopped")),
    async finish(id: string) {
      doors.get(id)?.resolve()
      await tick()
    },
    async fail(id: string) {
      doors.get(id)?.reject(new Error(`${id} failed`))
      await tick()
    },
    tick,
  }
}

test("steps start when all that they stand on have succeeded, and independent ones at the same time", async () => {
  const run = world([
    { id: "a", after: [] },
    { id: "b", after: [] },
    { id: "c", after: ["a", "b"] },
    { id: "d", after: ["a"] },
  ])
  await run.tick()
  expect(run.events).toEqual(["start a", "start b"])

  await run.finish("a")
  expect(run.events.slice(2)).toEqual(["end a", "start d"])
  await run.finish("b")
  expect(run.events.slice(4)).toEqual(["end b", "start c"])
  await run.finish("c")
  await run.finish("d")

  expect(await run.settled).toBe("succeeded")
})

test("the first failure stops what runs, starts nothing more, and is the one that is told", async () => {
  const run = world([
    { id: "a", after: [] },
    { id: "b", after: [] },
    { id: "c", after: ["b"] },
  ])
  await run.tick()

  await run.fail("a")

  expect(await run.settled).toBe("a failed")
  expect(run.events).toEqual(["start a", "start b", "end a", "end b"])
})

test("a run that is stopped stops its steps and says so", async () => {
  const run = world([{ id: "a", after: [] }])
  await run.tick()

  run.stop()

  expect(await run.settled).toBe("the run was stopped")
})

test("no steps are a success", async () => {
  expect(await world([]).settled).toBe("succeeded")
})
