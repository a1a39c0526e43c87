import { beforeEach, expect, it } from "vitest"
import { closeRunLog, logBlob, openRunLog } from "../../../shared/logs/run-log.ts"
import type { Run } from "../../../shared/runs/run.ts"
import { createMemoryBlobStore } from "../../fakes/memory-blob-store.ts"

const run = {
  runId: "ca1",
  registry: "acme",
  status: "Error",
  createdAt: "2026-11-21T10:00:00.000Z",
  startedAt: "2026-11-21T10:00:00.000Z",
  finishedAt: "2026-11-21T10:00:07.000Z",
  lastUpdatedAt: "2026-11-21T10:00:07.000Z",
  runErrorMessage: "its builder is gone",
  isArchiveEnabled: false,
} as unknown as Run
const LINE = "\r\nRun ID: ca1 failed after 7s. Error: its builder is gone\r\n"
const missing = { isLastLineMissing: true }

let blobs: ReturnType<typeof createMemoryBlobStore>
const log = () => blobs.blobs.get(`logs/${logBlob(run)}`)!
const text = () => log().content.toString("utf8")

beforeEach(async () => {
  blobs = createMemoryBlobStore()
  await openRunLog(blobs, run)
  await blobs.appendAt("logs", logBlob(run), 0, Buffer.from("a line\r\n"))
})

it("writes the last line and then says that the log is complete", async () => {
  await closeRunLog(blobs, run, missing)
  await closeRunLog(blobs, run, missing)

  expect(text()).toBe(`a line\r\n${LINE}`)
  expect(log().metadata).toMatchObject({ Complete: "internalerror" })
})

it("writes no line where the builder has written its own", async () => {
  await closeRunLog(blobs, run, { isLastLineMissing: false })

  expect(text()).toBe("a line\r\n")
  expect(log().metadata).toEqual({ Complete: "internalerror" })
})

it("is complete with its last line when two close it at the same time, whoever comes first", async () => {
  await Promise.all([1, 2, 3].map(() => closeRunLog(blobs, run, missing)))

  expect(text()).toBe(`a line\r\n${LINE}`)
  expect(log().metadata).toMatchObject({ Complete: "internalerror" })
})

it("is not complete before the line of somebody who has only marked its place", async () => {
  const stopped = { ...blobs, appendAt: () => Promise.reject(new Error("the host was killed")) }
  await closeRunLog(stopped, run, missing).catch(() => {})
  expect(log().metadata).not.toHaveProperty("Complete")

  await closeRunLog(blobs, run, missing)

  expect(text()).toBe(`a line\r\n${LINE}`)
})

it("writes the line behind what a builder still added after its place was marked", async () => {
  let isLate = true
  const late = {
    ...blobs,
    async appendAt(...call: Parameters<typeof blobs.appendAt>) {
      if (isLate) await blobs.appendAt("logs", logBlob(run), log().content.length, Buffer.from("a late line\r\n"))
      isLate = false
      return blobs.appendAt(...call)
    },
  }

  await closeRunLog(late, run, missing)

  expect(text()).toBe(`a line\r\na late line\r\n${LINE}`)
})
