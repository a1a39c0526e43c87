import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { readdir, rm, writeFile } from "node:fs/promises"
import path from "node:path"
import { createInterface } from "node:readline"
import { build } from "esbuild"
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest"
import { storageBundleOptions } from "../../../local/storage/bundle-options.ts"
import { startStorage } from "../../../local/storage/start-storage.ts"
import { clientsFor, configFor, temporaryFolder } from "./storage-fixture.ts"

type Line = { message: string; blobPort: number; tablePort: number; unreadableCount: number; unnamedBytes: number }
const root = path.join(import.meta.dirname, "../../..")
let bundle: string
let folder: string
let child: ChildProcess | undefined

beforeAll(async () => {
  bundle = await temporaryFolder()
  await build({
    ...storageBundleOptions,
    absWorkingDir: root,
    entryPoints: { storage: "local/storage/main.ts" },
    outdir: bundle,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    platform: "node",
    format: "esm",
    banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
  })
})
afterAll(() => rm(bundle, { recursive: true, force: true }))
beforeEach(async () => {
  folder = await temporaryFolder()
})
afterEach(async () => {
  await kill()
  await rm(folder, { recursive: true, force: true })
})

/** The part as the supervisor runs it, and what it has logged until it listens. */
async function start(main = path.join(root, "local/storage/main.ts")) {
  const env = { PATH: process.env.PATH, SLIPWAY_PART: JSON.stringify(configFor(folder)) }
  child = spawn(process.execPath, ["--experimental-strip-types", main], { env, stdio: ["ignore", "pipe", "inherit"] })
  const lines: Line[] = []
  for await (const text of createInterface({ input: child.stdout! })) {
    const line = JSON.parse(text) as Line
    lines.push(line)
    if (line.message === "listening") return { ...line, lines, ...clientsFor(line) }
  }
  throw new Error(`the storage ended: ${JSON.stringify(lines)}`)
}

async function kill(): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, "exit")
  child.kill("SIGKILL")
  await exited
}

async function waitUntilSaved(ports: number[]): Promise<void> {
  for (const port of ports) {
    for (;;) {
      const reply = await fetch(`http://127.0.0.1:${port}/healthz`)
      if (((await reply.json()) as { isSaved: boolean }).isSaved) break
    }
  }
}

it.each([
  ["the source", () => path.join(root, "local/storage/main.ts")],
  ["the bundle, which holds stand-ins for what is not used", () => path.join(bundle, "storage.mjs")],
])("keeps blobs, appends, tags and rows over a SIGKILL once it says that they are saved: %s", async (_, main) => {
  const first = await start(main())
  await first.blobs.createContainer("logs")
  await first.table.createTable()
  const log = first.blobs.getContainerClient("logs").getAppendBlobClient("a/rawtext.log")
  await log.create({ tags: { retention: "standard" }, metadata: { a: "b" } })
  await log.appendBlock("one\r\n", 5)
  await log.appendBlock("two\r\n", 5)
  await first.blobs.getContainerClient("logs").getBlockBlobClient("context").upload("bytes", 5)
  await first.table.submitTransaction([["create", { partitionKey: "p", rowKey: "r", value: "v" }]])

  await waitUntilSaved([first.blobPort, first.tablePort])
  await kill()
  const second = await start(main())

  const again = second.blobs.getContainerClient("logs").getAppendBlobClient("a/rawtext.log")
  expect((await again.downloadToBuffer()).toString()).toBe("one\r\ntwo\r\n")
  expect((await again.getTags()).tags).toEqual({ retention: "standard" })
  expect((await second.blobs.getContainerClient("logs").getBlobClient("context").downloadToBuffer()).toString()).toBe(
    "bytes",
  )
  expect((await second.table.getEntity("p", "r")).value).toBe("v")
  await again.appendBlock("three", 5, { conditions: { appendPosition: 10 } })
})

it("says at the next start that it was killed, and counts the bytes whose entry is gone", async () => {
  const first = await start()
  await first.blobs.createContainer("logs")
  await waitUntilSaved([first.blobPort])
  await first.blobs.getContainerClient("logs").getBlockBlobClient("late").upload("x".repeat(1000), 1000)
  await kill()
  // As if the kill had come before the save: the entry is gone, the bytes are there.
  await Promise.all(["blobs.json", "extents.json"].map((name) => rm(path.join(folder, name))))

  const second = await start()

  expect(second.lines.find(({ message }) => message.includes("not clean"))).toMatchObject({ unnamedBytes: 1000 })
})

it("names the blobs whose bytes are missing", async () => {
  const first = await start()
  await first.blobs.createContainer("logs")
  await first.blobs.getContainerClient("logs").getBlockBlobClient("cut").upload("bytes", 5)
  await waitUntilSaved([first.blobPort])
  await kill()
  const extents = path.join(folder, "extents")
  for (const name of await readdir(extents)) await writeFile(path.join(extents, name), "by")

  const second = await start()

  expect(second.lines.find(({ message }) => message.includes("not clean"))).toMatchObject({
    unreadable: [{ blob: "logs/cut", reason: expect.stringContaining("too short") as string }],
  })
})

it("saves everything when it is stopped, and then says nothing at the next start", async () => {
  const first = await startStorage(configFor(folder))
  const clients = clientsFor(first)
  await clients.table.createTable()
  await clients.table.createEntity({ partitionKey: "p", rowKey: "r", value: "v" })
  await first.close()

  const second = await start()

  expect((await second.table.getEntity("p", "r")).value).toBe("v")
  expect(second.lines.map(({ message }) => message)).toEqual(["listening"])
})
