import { randomUUID } from "node:crypto"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { createBlobStore } from "../../../shared/azure/blob-store.ts"
import type { BlobStore } from "../../../shared/blobs/blob-store.ts"
import { createMemoryBlobStore } from "../../fakes/memory-blob-store.ts"
import { startTestStorage } from "./azurite.ts"

const real = { store: undefined as BlobStore | undefined, close: async () => {} }

beforeAll(async () => {
  const storage = await startTestStorage()
  const store = createBlobStore(storage.access, storage.blobUrl)
  await store.ensure(["logs"])
  real.store = store
  real.close = storage.close
})
afterAll(() => real.close())

describe.each([
  ["the fake", () => createMemoryBlobStore() as BlobStore],
  ["the real store", () => real.store!],
])("a blob store: %s", (_, open) => {
  it("returns the bytes that were written, and knows that they are there", async () => {
    const [store, name] = [open(), `${randomUUID()}/a.bin`]
    const bytes = Buffer.from([0, 1, 254, 255])

    await store.write("logs", name, bytes)

    expect(await store.read("logs", name)).toEqual(bytes)
    expect(await store.version("logs", name)).toBeTruthy()
  })

  it("has another version after each write", async () => {
    const [store, name] = [open(), randomUUID()]
    await store.write("logs", name, Buffer.from("one"))
    const first = await store.version("logs", name)

    await store.write("logs", name, Buffer.from("two"))

    expect(await store.version("logs", name)).not.toBe(first)
  })

  it("has nothing where nothing was written", async () => {
    const [store, name] = [open(), randomUUID()]

    expect(await store.version("logs", name)).toBeUndefined()
    expect(await store.read("logs", name)).toBeUndefined()
    expect(await store.properties("logs", name)).toBeUndefined()
    expect(await store.appendAt("logs", name, 0, Buffer.from("x"))).toBe(false)
    expect(await store.setMetadata("logs", name, { a: "b" })).toBe(false)
  })

  it("keeps an append blob that is made twice", async () => {
    const [store, name] = [open(), randomUUID()]
    await store.createAppend("logs", name, { retention: "standard" })
    await store.appendAt("logs", name, 0, Buffer.from("one\r\n"))

    await store.createAppend("logs", name, { retention: "standard" })
    await store.appendAt("logs", name, 5, Buffer.from("two\r\n"))

    expect((await store.read("logs", name))?.toString()).toBe("one\r\ntwo\r\n")
  })

  it("appends only where the blob ends: of two at once, one", async () => {
    const [store, name] = [open(), randomUUID()]
    await store.createAppend("logs", name, {})

    const results = await Promise.all(["a", "b"].map((text) => store.appendAt("logs", name, 0, Buffer.from(text))))

    expect(results.filter(Boolean)).toHaveLength(1)
    expect(await store.appendAt("logs", name, 0, Buffer.from("c"))).toBe(false)
    expect((await store.read("logs", name))?.length).toBe(1)
  })

  it("keeps metadata beside the content", async () => {
    const [store, name] = [open(), randomUUID()]
    await store.createAppend("logs", name, {})
    await store.appendAt("logs", name, 0, Buffer.from("line\r\n"))

    expect(await store.setMetadata("logs", name, { Complete: "successful" })).toBe(true)

    const properties = await store.properties("logs", name)
    const metadata = Object.entries(properties?.metadata ?? {})
    expect(properties?.length).toBe(6)
    expect(metadata.map(([key, value]) => [key.toLowerCase(), value])).toEqual([["complete", "successful"]])
    expect((await store.read("logs", name))?.toString()).toBe("line\r\n")
  })

  it("lists names by prefix, in order, no more than asked for", async () => {
    const [store, folder] = [open(), randomUUID()]
    for (const name of ["b", "a", "c"]) await store.write("logs", `${folder}/${name}`, Buffer.from("x"))

    expect(await store.list("logs", `${folder}/`, 2)).toEqual([`${folder}/a`, `${folder}/b`])
    expect(await store.list("logs", randomUUID(), 2)).toEqual([])
  })

  it("deletes, also what is not there", async () => {
    const [store, name] = [open(), randomUUID()]
    await store.write("logs", name, Buffer.from("x"))

    await store.delete("logs", name)
    await store.delete("logs", name)

    expect(await store.version("logs", name)).toBeUndefined()
  })
})

describe("SAS URLs of the real store", () => {
  const soon = () => new Date(Date.now() + 60_000)

  it("open one blob for what they grant and for nothing else", async () => {
    const [store, name] = [real.store!, randomUUID()]
    await store.createAppend("logs", name, {})
    const add = await store.sasUrl("logs", name, "a", soon())
    const read = await store.sasUrl("logs", name, "r", soon())
    const append = (url: string) =>
      fetch(`${url}&comp=appendblock`, { method: "PUT", body: "line\r\n", headers: { "x-ms-version": "2021-12-02" } })

    expect((await append(add)).status).toBe(201)
    expect((await append(read)).status).toBe(403)
    expect((await fetch(add)).status).toBe(403)
    expect(await (await fetch(read)).text()).toBe("line\r\n")
    expect((await fetch(read.replace(name, randomUUID()))).status).toBeGreaterThanOrEqual(403)
  })

  it("let a client upload once the way az does", async () => {
    const [store, name] = [real.store!, `20261121/${randomUUID()}.tar.gz`]
    const url = await store.sasUrl("logs", name, "cw", soon())

    const answer = await fetch(url, {
      method: "PUT",
      body: "archive",
      headers: { "x-ms-blob-type": "BlockBlob", "x-ms-version": "2018-11-09" },
    })

    expect(answer.status).toBe(201)
    expect(answer.headers.get("last-modified")).toBeTruthy()
    expect((await store.read("logs", name))?.toString()).toBe("archive")
  })

  it("stop at their expiry", async () => {
    const [store, name] = [real.store!, randomUUID()]
    await store.write("logs", name, Buffer.from("x"))

    const url = await store.sasUrl("logs", name, "r", new Date(Date.now() - 1_000))

    expect((await fetch(url)).status).toBe(403)
  })
})
