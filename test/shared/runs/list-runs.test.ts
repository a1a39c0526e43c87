import { beforeEach, describe, expect, it } from "vitest"
import { listRuns } from "../../../shared/runs/list-runs.ts"
import type { Run } from "../../../shared/runs/run.ts"
import { invertRunId, isRunId, newRunId, oldestRunId } from "../../../shared/runs/run-id.ts"
import { createRunWorld, queued, type RunWorld, registry, request, upload } from "../../fakes/run-world.ts"

let world: RunWorld
const none = { registry: "acme", filter: undefined, top: undefined, before: undefined }
const ids = (runs: Run[]) => runs.map(({ runId }) => runId)

async function queue(count: number, taskName?: string): Promise<Run[]> {
  const runs: Run[] = []
  for (let index = 0; index < count; index++) {
    world.pass(1)
    const input = { registry: registry(), request: request(), runType: "QuickBuild" as const, requestedBy: "x" }
    runs.push(await queued(world, taskName === undefined ? input : { ...input, taskName }))
  }
  return runs.reverse()
}

beforeEach(async () => {
  world = createRunWorld()
  await upload(world)
})

describe("run ids", () => {
  it("are at most 12 lower-case letters and digits, and list newest first when inverted", () => {
    const older = newRunId(new Date("2026-11-21T10:00:00.000Z"))
    const newer = newRunId(new Date("2026-11-21T10:00:00.001Z"))

    expect(isRunId(older)).toBe(true)
    expect(invertRunId(newer) < invertRunId(older)).toBe(true)
    expect(invertRunId(invertRunId(older))).toBe(older)
  })

  it("begin with their time, so that a cutoff is a key", () => {
    const at = new Date("2026-11-21T10:00:00.000Z")

    expect(oldestRunId(at) <= newRunId(at)).toBe(true)
    expect(newRunId(new Date(at.getTime() - 1)) < oldestRunId(at)).toBe(true)
  })
})

describe("listRuns", () => {
  it("shows the newest first, no more than asked for, and no further page then", async () => {
    const runs = await queue(20)

    const page = await listRuns(world.runs, { ...none, top: 15 })

    expect(ids(page.runs)).toEqual(ids(runs.slice(0, 15)))
    expect(page.next).toBeUndefined()
  })

  it("reads at most 30 rows in 16 requests for the newest 15 of one task", async () => {
    await queue(40, "nightly")
    await queue(10)
    world.store.reads.requests = 0
    world.store.reads.rows = 0

    const page = await listRuns(world.runs, { ...none, top: 15, filter: "TaskName eq 'nightly'" })

    expect(page.runs).toHaveLength(15)
    expect(world.store.reads).toEqual({ requests: 16, rows: 30 })
  })

  it("reads one request and 15 rows for the newest 15", async () => {
    await queue(40)
    world.store.reads.requests = 0
    world.store.reads.rows = 0

    await listRuns(world.runs, { ...none, top: 15 })

    expect(world.store.reads).toEqual({ requests: 1, rows: 15 })
  })

  it("goes through all pages without losing or repeating a run", async () => {
    const runs = await queue(230)
    const seen: Run[] = []
    let before: string | undefined
    do {
      const page = await listRuns(world.runs, { ...none, before })
      seen.push(...page.runs)
      before = page.next
    } while (before !== undefined)

    expect(ids(seen)).toEqual(ids(runs))
  })

  it("hands on how many are left when more are asked for than a page holds", async () => {
    const runs = await queue(230)

    const first = await listRuns(world.runs, { ...none, top: 150 })
    const second = await listRuns(world.runs, { ...none, top: first.remaining, before: first.next })

    expect(first.remaining).toBe(50)
    expect(ids([...first.runs, ...second.runs])).toEqual(ids(runs.slice(0, 150)))
    expect(second.next).toBeUndefined()
  })

  it.each([
    ["Status eq 'queued'", 5],
    ["status ne 'Queued'", 0],
    ["RunType eq 'QuickBuild' and TaskName eq 'nightly'", 2],
    ["TaskName eq 'NIGHTLY' or TaskName eq null", 5],
    ["TaskName eq null", 3],
    ["CreateTime ge 2026-11-21T10:00:04Z", 2],
    ["CreateTime lt '2026-11-21T10:00:02Z'", 1],
    ["contains(OutputImageManifests, 'hello@sha256:1')", 0],
    ["IsArchiveEnabled eq false", 5],
    ["(Status eq 'Failed' or Status eq 'Queued') and not_a_field eq 1", undefined],
  ])("filters by %s", async (filter, count) => {
    await queue(3)
    await queue(2, "nightly")

    const result = listRuns(world.runs, { ...none, filter })

    if (count === undefined)
      await expect(result).rejects.toMatchObject({ code: "InvalidRequestParameter", target: "$filter" })
    else expect((await result).runs).toHaveLength(count)
  })

  it("goes on in a further page when a filter looked at many rows and found too few", async () => {
    const runs = await queue(2_100)
    const oldest = runs.at(-1)!.runId

    const first = await listRuns(world.runs, { ...none, filter: `RunId eq '${oldest}'`, top: 5 })
    const second = await listRuns(world.runs, {
      ...none,
      filter: `RunId eq '${oldest}'`,
      top: first.remaining,
      before: first.next,
    })

    expect(first.runs).toEqual([])
    expect(ids(second.runs)).toEqual([oldest])
    expect(second.next).toBeUndefined()
  })
})
