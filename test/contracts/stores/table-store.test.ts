import { randomUUID } from "node:crypto"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { createTableStore } from "../../../shared/azure/table-store.ts"
import { fromRowJson, toRowJson } from "../../../shared/tables/row-json.ts"
import type { RowChange, TableStore } from "../../../shared/tables/table-store.ts"
import { createMemoryTableStore } from "../../fakes/memory-table-store.ts"
import { startTestStorage } from "./azurite.ts"

const real = { store: undefined as TableStore | undefined, close: async () => {} }

beforeAll(async () => {
  const storage = await startTestStorage()
  const store = createTableStore(storage.access, "contract")
  await store.ensure()
  real.store = store
  real.close = storage.close
})
afterAll(() => real.close())

describe.each([
  ["the fake", () => createMemoryTableStore() as TableStore],
  ["the real store", () => real.store!],
])("a table store: %s", (_, open) => {
  const insert = (rowKey: string, value: string | number = ""): RowChange => ({
    type: "insert",
    rowKey,
    properties: { value },
  })

  it("returns what was inserted, with its types and an ETag", async () => {
    const [store, partition] = [open(), randomUUID()]

    await store.transact(partition, [
      { type: "insert", rowKey: "run|a", properties: { text: "x", count: 2, isOpen: true } },
    ])

    const row = await store.get(partition, "run|a")
    expect(row?.properties).toEqual({ text: "x", count: 2, isOpen: true })
    expect(row?.etag).toBeTruthy()
  })

  it("has nothing for a key that was never written, nor for the same key of another partition", async () => {
    const [store, partition] = [open(), randomUUID()]
    await store.transact(partition, [insert("a")])

    expect(await store.get(partition, "b")).toBeUndefined()
    expect(await store.get(randomUUID(), "a")).toBeUndefined()
  })

  it("applies a transaction whole or not at all, and names the row that stood in the way", async () => {
    const [store, partition] = [open(), randomUUID()]
    await store.transact(partition, [insert("taken")])

    const result = await store.transact(partition, [insert("new"), insert("taken")])

    expect(result).toEqual({ ok: false, reason: "exists", rowKey: "taken" })
    expect(await store.get(partition, "new")).toBeUndefined()
  })

  it("replaces that very version only", async () => {
    const [store, partition] = [open(), randomUUID()]
    await store.transact(partition, [insert("a", 1)])
    const { etag } = (await store.get(partition, "a"))!
    await store.transact(partition, [{ type: "replace", rowKey: "a", properties: { value: 2 }, etag }])

    const late = await store.transact(partition, [{ type: "replace", rowKey: "a", properties: { value: 3 }, etag }])

    expect(late).toEqual({ ok: false, reason: "changed", rowKey: "a" })
    expect((await store.get(partition, "a"))?.properties).toEqual({ value: 2 })
  })

  it("drops properties that a replacement no longer has", async () => {
    const [store, partition] = [open(), randomUUID()]
    await store.transact(partition, [{ type: "insert", rowKey: "a", properties: { json: "1", json1: "2" } }])
    const { etag } = (await store.get(partition, "a"))!

    await store.transact(partition, [{ type: "replace", rowKey: "a", properties: { json: "3" }, etag }])

    expect((await store.get(partition, "a"))?.properties).toEqual({ json: "3" })
  })

  it("deletes once: a row that is gone is reported as changed", async () => {
    const [store, partition] = [open(), randomUUID()]
    await store.transact(partition, [insert("a")])

    expect(await store.transact(partition, [{ type: "delete", rowKey: "a" }])).toEqual({ ok: true })
    expect(await store.transact(partition, [{ type: "delete", rowKey: "a" }])).toMatchObject({
      ok: false,
      reason: "changed",
    })
  })

  it("upserts whether or not the row is there", async () => {
    const [store, partition] = [open(), randomUUID()]

    for (const value of [1, 2])
      await store.transact(partition, [{ type: "upsert", rowKey: "a", properties: { value } }])

    expect((await store.get(partition, "a"))?.properties).toEqual({ value: 2 })
  })

  it("lists a key range in order, from inclusive, to exclusive, no more than asked for", async () => {
    const [store, partition] = [open(), randomUUID()]
    await store.transact(
      partition,
      ["run|b", "run|a", "run|c", "task|a", "open|a"].map((key) => insert(key)),
    )

    const rows = await store.list(partition, { from: "run|", to: "run|~", limit: 2 })

    expect(rows.map((row) => row.rowKey)).toEqual(["run|a", "run|b"])
    const rest = await store.list(partition, { from: "run|b!", to: "run|~", limit: 10 })
    expect(rest.map((row) => row.rowKey)).toEqual(["run|c"])
  })

  it("lists more rows than the service puts into one page", async () => {
    const [store, partition] = [open(), randomUUID()]
    for (let batch = 0; batch < 12; batch++) {
      const keys = Array.from({ length: 100 }, (_, index) => `r${String(batch * 100 + index).padStart(5, "0")}`)
      await store.transact(
        partition,
        keys.map((key) => insert(key)),
      )
    }

    const rows = await store.list(partition, { from: "r", to: "r~", limit: 1_150 })

    expect(rows).toHaveLength(1_150)
    expect(rows.at(-1)?.rowKey).toBe("r01149")
  })

  it("keeps JSON that is longer than one property may be", async () => {
    const [store, partition] = [open(), randomUUID()]
    const value = {
      images: Array.from({ length: 900 }, (_, index) => ({ digest: `sha256:${"ab".repeat(32)}`, index })),
    }

    await store.transact(partition, [{ type: "insert", rowKey: "a", properties: toRowJson(value) }])

    expect(fromRowJson((await store.get(partition, "a"))!.properties)).toEqual(value)
  })
})

describe("a table store that is away", () => {
  it("says so with an error that may be retried and names no address", async () => {
    const { createStorageAccess } = await import("../../../shared/azure/storage-access.ts")
    const access = createStorageAccess({
      accountName: "a",
      accountKey: Buffer.alloc(32).toString("base64"),
      blobUrl: "http://127.0.0.1:1/a",
      tableUrl: "http://127.0.0.1:1/a",
      identityClientId: undefined,
    })

    const error: unknown = await createTableStore(access, "t")
      .get("p", "r")
      .catch((thrown: unknown) => thrown)

    expect(error).toMatchObject({ code: "StorageUnavailable", isRetryable: true })
    expect((error as Error).message).not.toContain("127.0.0.1")
  })
})
