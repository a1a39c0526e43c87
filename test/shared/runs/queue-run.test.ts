import { beforeEach, describe, expect, it } from "vitest"
import { AppError } from "../../../shared/errors.ts"
import type { QueueRunInput } from "../../../shared/runs/queue-run.ts"
import { readRunRequest } from "../../../shared/runs/request-blob.ts"
import { createRunWorld, queued, type RunWorld, registry, request, upload } from "../../fakes/run-world.ts"

let world: RunWorld
const input = (changes: Partial<QueueRunInput> = {}): QueueRunInput => ({
  registry: registry(),
  request: request(),
  runType: "QuickBuild",
  requestedBy: "someone",
  ...changes,
})
const cause = { parts: ["scheduleRun", "someone", "id-1", "/path", "{}"], keepSeconds: 600 }

beforeEach(async () => {
  world = createRunWorld()
  await upload(world)
})

describe("queueRun", () => {
  it("stores the run, opens its log, and sends its id once", async () => {
    const run = await queued(world, input())

    expect((await world.runs.get("acme", run.runId))?.run).toEqual(run)
    expect(run).toMatchObject({ status: "Queued", attempt: 1, launches: 0, requestedBy: "someone" })
    expect(world.sent).toEqual([
      { message: { v: 1, registry: "acme", runId: run.runId, attempt: 1, retry: 0 }, delaySeconds: undefined },
    ])
    expect(world.blobs.blobs.get(`logs/acme/${run.runId}/rawtext.log`)).toMatchObject({
      tags: { retention: "standard" },
    })
    expect(await world.runs.listOpen("acme")).toEqual([run.runId])
  })

  it("keeps secrets out of the table and encrypted in the blob", async () => {
    const run = await queued(world, input())

    const rows = await world.store.list("acme", { from: "", to: "~", limit: 100 })
    const stored = world.blobs.blobs.get(`requests/acme/${run.runId}`)!
    expect(JSON.stringify(rows)).not.toContain("secret-argument")
    expect(stored.content.includes("secret-argument")).toBe(false)
    expect(stored.content.includes(Buffer.from("secret-argument").toString("base64"))).toBe(false)
    const source = { ...request().source, version: expect.any(String) }
    expect(await readRunRequest(world, run)).toEqual({ ...request(), source })
  })

  it("tags the log of an archived run so that no retention policy deletes it", async () => {
    const run = await queued(world, input({ request: request({ isArchiveEnabled: true }) }))

    expect(world.blobs.blobs.get(`logs/acme/${run.runId}/rawtext.log`)?.tags).toEqual({ retention: "archived" })
  })

  it("answers a repeated cause with the first run and sends nothing more", async () => {
    const first = await queued(world, input({ cause }))

    const second = await queued(world, input({ cause }))

    expect(second.runId).toBe(first.runId)
    expect(world.sent).toHaveLength(1)
  })

  it("makes one run of many identical requests at once", async () => {
    const runs = await Promise.all(Array.from({ length: 20 }, () => queued(world, input({ cause }))))

    expect(new Set(runs.map((run) => run.runId)).size).toBe(1)
    expect(world.sent).toHaveLength(1)
    expect([...world.blobs.blobs.keys()].filter((name) => !name.includes("source/"))).toHaveLength(2)
  })

  it("makes a new run once the cause is older than it counts", async () => {
    const first = await queued(world, input({ cause }))
    world.pass(601)

    const second = await queued(world, input({ cause }))

    expect(second.runId).not.toBe(first.runId)
  })

  it.each([0, 1, 2, 3, 4])("takes another run for another part %i of the cause", async (index) => {
    const first = await queued(world, input({ cause }))
    const parts = cause.parts.with(index, `${cause.parts[index]}!`)

    const second = await queued(world, input({ cause: { ...cause, parts } }))

    expect(second.runId).not.toBe(first.runId)
  })

  it("refuses sources that were never uploaded, and stores no run", async () => {
    const unknown = request({
      source: { type: "upload", path: "source/202611210000/ffffffff-89ab-cdef-0123-456789abcdef.tar.gz" },
    })

    const error = await queued(world, input({ request: unknown })).catch((thrown: unknown) => thrown)

    expect(error).toMatchObject({ code: "SourceLocationNotFound", target: "sourceLocation" })
    expect([...world.blobs.blobs.keys()].filter((name) => !name.startsWith("source/"))).toEqual([])
    expect(await world.runs.listOpen("acme")).toEqual([])
    expect(world.sent).toEqual([])
  })

  it("refuses the upload of another registry", async () => {
    const other = { ...registry(), name: "other", key: "other" }

    const error = await queued(world, input({ registry: other })).catch((thrown: unknown) => thrown)

    expect(error).toMatchObject({ code: "SourceLocationNotFound" })
  })

  it("succeeds while the queue is away: the run is stored and the sweep sends it", async () => {
    world.faults.queue = new AppError("StorageUnavailable", "away", { isRetryable: true })

    const run = await queued(world, input())

    expect((await world.runs.get("acme", run.runId))?.run.status).toBe("Queued")
    expect(await world.runs.listOpen("acme")).toEqual([run.runId])
  })
})
