import { beforeEach, describe, expect, it } from "vitest"
import { cancelRun } from "../../../shared/runs/cancel-run.ts"
import { purgeRuns } from "../../../shared/runs/purge-runs.ts"
import type { Run } from "../../../shared/runs/run.ts"
import { createRunWorld, queued, type RunWorld, registry, request, upload } from "../../fakes/run-world.ts"

const DAY = 86_400
let world: RunWorld

async function ended(changes: { isArchiveEnabled?: boolean; cause?: string; taskName?: string } = {}): Promise<Run> {
  const { isArchiveEnabled = false, cause, taskName } = changes
  const run = await queued(world, {
    registry: registry(),
    request: request({ isArchiveEnabled }),
    runType: "QuickBuild",
    requestedBy: "x",
    ...(taskName === undefined ? {} : { taskName }),
    ...(cause === undefined ? {} : { cause: { parts: [cause], keepSeconds: 600 } }),
  })
  return cancelRun(world, run)
}

beforeEach(async () => {
  world = createRunWorld()
  await upload(world)
})

describe("purgeRuns", () => {
  it("forgets a run that is older than the retention, with its log, its request and its place in lists", async () => {
    const old = await ended({ taskName: "nightly", cause: "a" })
    world.pass(31 * DAY)

    expect(await purgeRuns(world, 30)).toEqual({ runs: 1, causes: 1, uploads: 1 })

    expect(await world.runs.get("acme", old.runId)).toBeUndefined()
    expect([...world.blobs.blobs.keys()].filter((name) => name.includes(old.runId))).toEqual([])
    expect(await world.store.list("acme", { from: "", to: "~", limit: 10 })).toEqual([])
  })

  it("keeps what is younger, archived, or has not ended", async () => {
    const archived = await ended({ isArchiveEnabled: true })
    const open = await queued(world, {
      registry: registry(),
      request: request(),
      runType: "QuickBuild",
      requestedBy: "x",
    })
    world.pass(31 * DAY)
    const young = await ended()

    expect(await purgeRuns(world, 30)).toEqual({ runs: 0, causes: 0, uploads: 1 })

    for (const run of [archived, open, young]) expect(await world.runs.get("acme", run.runId)).toBeDefined()
  })

  it("gets past any number of archived runs", async () => {
    const old = await ended()
    for (let index = 0; index < 501; index++) {
      world.pass(1)
      await ended({ isArchiveEnabled: true })
    }
    world.pass(31 * DAY)

    await purgeRuns(world, 30)

    expect(await world.runs.get("acme", old.runId)).toBeUndefined()
  })
})
