import { odata } from "@azure/data-tables"
import {
  AnonymousCredential,
  AppendBlobClient,
  BlobClient,
  BlobSASPermissions,
  BlockBlobClient,
  generateBlobSASQueryParameters,
  type RestError,
} from "@azure/storage-blob"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { ACCOUNT, startTestStorage } from "./storage-fixture.ts"

// What our adapters rely on, each as Azure documents it; run against the real thing, the same must hold.
let store: Awaited<ReturnType<typeof startTestStorage>>
let count = 0
const ONE_TRY = { retryOptions: { maxTries: 1 } }

beforeAll(async () => {
  store = await startTestStorage()
})
afterAll(() => store.close())

const newName = () => `r/${++count}/rawtext.log`
const container = () => store.blobs.getContainerClient("logs")
const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: RestError) => ({ status: error.statusCode, code: error.code }),
  )

function sasUrl(name: string, permissions: string, options: { seconds?: number } = {}): string {
  const query = generateBlobSASQueryParameters(
    {
      containerName: "logs",
      blobName: name,
      permissions: BlobSASPermissions.parse(permissions),
      expiresOn: new Date(Date.now() + (options.seconds ?? 600) * 1000),
    },
    store.credential,
  )
  return `${store.url}/logs/${name}?${query}`
}

describe("append blobs", () => {
  it("refuse an append whose position is taken with 412, so that a repeat adds nothing", async () => {
    const log = container().getAppendBlobClient(newName())
    await log.create()

    await log.appendBlock("one\r\n", 5, { conditions: { appendPosition: 0 } })
    const repeated = await failure(log.appendBlock("one\r\n", 5, { conditions: { appendPosition: 0 } }))

    expect(repeated).toEqual({ status: 412, code: "AppendPositionConditionNotMet" })
    expect((await log.downloadToBuffer()).toString()).toBe("one\r\n")
  })

  it("take metadata and an index tag when they are created, and are not created over an existing one", async () => {
    const log = container().getAppendBlobClient(newName())

    await log.create({ tags: { retention: "standard" }, metadata: { RunId: "x1" }, conditions: { ifNoneMatch: "*" } })
    const again = await failure(log.create({ conditions: { ifNoneMatch: "*" } }))

    expect((await log.getTags()).tags).toEqual({ retention: "standard" })
    expect((await log.getProperties()).metadata).toEqual({ runid: "x1" })
    expect(again?.status).toBe(409)
  })

  it("keep their content when metadata is set, and show it in the next HEAD", async () => {
    const log = container().getAppendBlobClient(newName())
    await log.create()
    await log.appendBlock("line\r\n", 6)

    await log.setMetadata({ Complete: "Succeeded" })

    const properties = await log.getProperties()
    expect(properties.metadata).toEqual({ complete: "Succeeded" })
    expect(properties.contentLength).toBe(6)
  })
})

describe("shared access signatures", () => {
  it("with add only: append, but neither metadata, nor reading, nor making anew", async () => {
    const name = newName()
    await container().getAppendBlobClient(name).create()
    const log = new AppendBlobClient(sasUrl(name, "a"), new AnonymousCredential(), ONE_TRY)

    await log.appendBlock("line", 4, { conditions: { appendPosition: 0 } })

    expect((await failure(log.setMetadata({ a: "b" })))?.status).toBe(403)
    expect((await failure(log.getProperties()))?.status).toBe(403)
    expect((await failure(log.create()))?.status).toBe(403)
    expect((await failure(log.delete()))?.status).toBe(403)
  })

  it("with read only: HEAD and ranges with x-ms-range answered 206, but no append", async () => {
    const name = newName()
    const log = container().getAppendBlobClient(name)
    await log.create()
    await log.appendBlock("0123456789", 10)
    const url = sasUrl(name, "r")

    const head = await fetch(url, { method: "HEAD", headers: { "x-ms-version": "2018-11-09" } })
    const range = await fetch(url, { headers: { "x-ms-range": "bytes=2-4095", "x-ms-version": "2018-11-09" } })

    expect(head.headers.get("content-length")).toBe("10")
    expect(range.status).toBe(206)
    expect(range.headers.get("content-range")).toBe("bytes 2-9/10")
    expect(await range.text()).toBe("23456789")
    expect(
      (await failure(new AppendBlobClient(url, new AnonymousCredential(), ONE_TRY).appendBlock("x", 1)))?.status,
    ).toBe(403)
  })

  it("with create and write: an upload as az sends it, answered with ETag and Last-Modified", async () => {
    const name = newName()

    const put = await fetch(sasUrl(name, "cw"), {
      method: "PUT",
      headers: { "x-ms-blob-type": "BlockBlob", "x-ms-version": "2018-11-09" },
      body: "context",
    })

    expect(put.status).toBe(201)
    expect(put.headers.get("etag")).toBeTruthy()
    expect(Date.parse(put.headers.get("last-modified") ?? "")).toBeGreaterThan(0)
    expect((await container().getBlobClient(name).downloadToBuffer()).toString()).toBe("context")
  })

  it("are refused for another blob, when over and when altered", async () => {
    const name = newName()
    const url = sasUrl(name, "cw")

    const other = url.replace(name, newName())
    const over = sasUrl(name, "cw", { seconds: -60 })
    const altered = url.replace("sp=cw", "sp=rcw")

    for (const bad of [other, over, altered]) {
      expect((await failure(new BlockBlobClient(bad, new AnonymousCredential(), ONE_TRY).upload("x", 1)))?.status).toBe(
        403,
      )
    }
  })

  it("refuse everything without one, and the emulator's well-known account", async () => {
    const bare = await fetch(`${store.url}/logs/${newName()}`)
    const known = await fetch(`${store.url.replace(ACCOUNT.name, "devstoreaccount1")}/logs/x`)

    expect(bare.status).toBe(403)
    expect(known.ok).toBe(false)
  })
})

describe("block blobs", () => {
  it("are put together from blocks sent in any order", async () => {
    const blob = container().getBlockBlobClient(newName())
    const id = (text: string) => Buffer.from(text).toString("base64")

    await blob.stageBlock(id("b"), "two", 3)
    await blob.stageBlock(id("a"), "one", 3)
    await blob.commitBlockList([id("a"), id("b")])

    expect((await blob.downloadToBuffer()).toString()).toBe("onetwo")
  })

  it("name what is missing in a header, which az reads", async () => {
    const reply = await fetch(sasUrl(newName(), "r"), { method: "HEAD", headers: { "x-ms-version": "2018-11-09" } })

    expect(reply.status).toBe(404)
    expect(reply.headers.get("x-ms-error-code")).toBe("BlobNotFound")
    expect(await new BlobClient(sasUrl(newName(), "r"), new AnonymousCredential(), ONE_TRY).exists()).toBe(false)
  })
})

describe("tables", () => {
  const entity = (partitionKey: string, rowKey: string, value = "v") => ({ partitionKey, rowKey, value })

  it("change by compare-and-swap on the ETag", async () => {
    const { table } = store
    const { etag } = await table.createEntity(entity("cas", "1"))

    await table.updateEntity(entity("cas", "1", "w"), "Replace", { etag: etag! })
    const late = await failure(table.updateEntity(entity("cas", "1", "x"), "Replace", { etag: etag! }))

    expect(late?.status).toBe(412)
    expect((await table.getEntity("cas", "1")).value).toBe("w")
  })

  it("refuse an entity that is there", async () => {
    await store.table.createEntity(entity("twice", "1"))

    expect((await failure(store.table.createEntity(entity("twice", "1"))))?.status).toBe(409)
  })

  it("take a hundred entities of one partition in one transaction", async () => {
    const actions = Array.from(
      { length: 100 },
      (_, index) => ["create", entity("full", `k${index}`)] as ["create", object],
    )

    await store.table.submitTransaction(actions as never)

    const rows: unknown[] = []
    const filter = odata`PartitionKey eq ${"full"}`
    for await (const row of store.table.listEntities({ queryOptions: { filter } })) rows.push(row)
    expect(rows).toHaveLength(100)
  })

  it("take nothing of a transaction of which one part fails", async () => {
    await store.table.createEntity(entity("atomic", "there"))

    const failed = await failure(
      store.table.submitTransaction([
        ["create", entity("atomic", "new")],
        ["create", entity("atomic", "there")],
      ]),
    )

    expect(failed?.status).toBe(409)
    expect((await failure(store.table.getEntity("atomic", "new")))?.status).toBe(404)
  })

  it("hold each part of a transaction to its ETag", async () => {
    const { etag } = await store.table.createEntity(entity("batch", "1"))
    await store.table.updateEntity(entity("batch", "1", "newer"), "Replace")

    const failed = await failure(
      store.table.submitTransaction([
        ["update", entity("batch", "1", "mine"), "Replace", { etag: etag! }],
        ["create", entity("batch", "2")],
      ]),
    )

    expect(failed?.status).toBe(412)
    expect((await failure(store.table.getEntity("batch", "2")))?.status).toBe(404)
  })

  it("change and delete in a transaction by keys as ours, with bars and what must be escaped", async () => {
    const partition = "my-registry"
    const keys = ["run|zz9'x", "task|a b|1", "open|é%41", "cause|a+b=="]
    await store.table.submitTransaction(keys.map((key) => ["create", entity(partition, key)]))

    await store.table.submitTransaction([
      ["update", entity(partition, keys[0]!, "new"), "Replace"],
      ["update", entity(partition, keys[1]!, "new"), "Merge"],
      ["delete", { partitionKey: partition, rowKey: keys[2]! }],
      ["update", entity(partition, keys[3]!, "new"), "Replace"],
    ])

    const rows: Record<string, unknown> = {}
    const filter = odata`PartitionKey eq ${partition}`
    for await (const row of store.table.listEntities({ queryOptions: { filter } })) rows[String(row.rowKey)] = row.value
    expect(rows).toEqual({ [keys[0]!]: "new", [keys[1]!]: "new", [keys[3]!]: "new" })
  })

  it("list a range of keys in order, page by page with continuation tokens", async () => {
    const actions = Array.from({ length: 25 }, (_, index) => [
      "create",
      entity("pages", `run|${String(index).padStart(3, "0")}`),
    ])
    await store.table.submitTransaction(actions as never)
    const filter = odata`PartitionKey eq ${"pages"} and RowKey ge ${"run|005"} and RowKey lt ${"run|020"}`
    const list = (continuationToken?: string) =>
      store.table
        .listEntities({ queryOptions: { filter } })
        .byPage({ maxPageSize: 10, ...(continuationToken === undefined ? {} : { continuationToken }) })
        .next()

    const first = await list()
    const second = await list(first.value.continuationToken)

    const keys = [...first.value, ...second.value].map(({ rowKey }: { rowKey?: string }) => rowKey)
    expect(keys).toEqual(Array.from({ length: 15 }, (_, index) => `run|${String(index + 5).padStart(3, "0")}`))
    expect(second.value.continuationToken).toBeUndefined()
  })
})
