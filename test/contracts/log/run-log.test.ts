import { randomUUID } from "node:crypto"
import { createServer, request as forward } from "node:http"
import type { AddressInfo } from "node:net"
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { createAppendBlock } from "../../../builder/log/append-block.ts"
import { createRunLog, type RunLogOptions } from "../../../builder/log/run-log.ts"
import { createBlobStore } from "../../../shared/azure/blob-store.ts"
import { createMasker } from "../../../shared/secrets/mask.ts"
import { startTestStorage } from "../stores/azurite.ts"

type Fault = "reset" | "resetAfterCommit" | "answerLost503" | "slow"

let storage: Awaited<ReturnType<typeof startTestStorage>>
let store: ReturnType<typeof createBlobStore>
let proxy: Awaited<ReturnType<typeof startProxy>>
let name: string

beforeAll(async () => {
  storage = await startTestStorage()
  store = createBlobStore(storage.access, storage.blobUrl)
  await store.ensure(["logs"])
  proxy = await startProxy(storage.blobUrl)
})
afterAll(async () => {
  await proxy.close()
  await storage.close()
})
beforeEach(async () => {
  name = `${randomUUID()}/run.log`
  await store.createAppend("logs", name, { retention: "standard" })
})

const sas = (permission: "a" | "r") => store.sasUrl("logs", name, permission, new Date(Date.now() + 600_000))

async function open(options: Partial<RunLogOptions> = {}) {
  return createRunLog({
    url: proxy.through(await sas("a")),
    maxBytes: 10_000_000,
    masker: createMasker(["s3cret-value"]),
    onTrouble: () => {},
    batchMs: 1,
    backOff: { firstDelayMs: 1, maxDelayMs: 20 },
    refusedMs: 50,
    ...options,
  })
}

describe("the run log on a real append blob", () => {
  it("writes with an add-only SAS, and the bytes are there", async () => {
    const log = await open()

    log.print("first s3cret-value")
    log.print("größe 文件")
    expect(await log.close("last", 5000)).toBe(true)

    expect((await store.read("logs", name))?.toString()).toBe("first ***\r\ngröße 文件\r\nlast\r\n")
  })

  it("never loses or doubles a line, whatever happens to its calls", async () => {
    const log = await open()
    const kinds: Fault[] = [
      "resetAfterCommit",
      "reset",
      "answerLost503",
      "slow",
      "resetAfterCommit",
      "resetAfterCommit",
    ]
    const lines = Array.from({ length: 120 }, (_, index) => `line ${index}`)
    for (const [index, line] of lines.entries()) {
      const kind = kinds[index % kinds.length]
      if (index % 2 === 0 && kind !== undefined) proxy.faults.push(kind)
      log.print(line)
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(await log.close("last", 30_000)).toBe(true)
    proxy.faults.length = 0

    expect((await store.read("logs", name))?.toString().split("\r\n")).toEqual([...lines, "last", ""])
  })

  it("goes on behind what somebody else has written", async () => {
    await store.appendAt("logs", name, 0, Buffer.from("Queued a run.\r\n"))
    const log = await open()

    log.print("one")
    await log.close("last", 5000)

    expect((await store.read("logs", name))?.toString()).toBe("Queued a run.\r\n\r\none\r\nlast\r\n")
  })

  it("takes a block of 4 MiB", async () => {
    const log = await open()

    for (let index = 0; index < 200; index += 1) log.print("z".repeat(30_000))
    await log.close(undefined, 20_000)

    expect((await store.read("logs", name))?.length).toBe(200 * 30_002)
  })

  it("gives up with a SAS that may not add, and with a blob that is not there", async () => {
    const reading = await open({ url: proxy.through(await sas("r")) })
    name = `${randomUUID()}/never-made.log`
    const missing = await open()
    reading.print("one")
    missing.print("one")

    expect(await reading.close("last", 20_000)).toBe(false)
    expect(await missing.close("last", 20_000)).toBe(false)
  })

  it("gets the answers that it relies on", async () => {
    const append = createAppendBlock(await sas("a"))

    expect(await append(Buffer.from("abc"), 0)).toEqual({ kind: "appended", position: 0 })
    expect(await append(Buffer.from("abc"), 0)).toEqual({ kind: "misplaced" })
    expect(await append(Buffer.from("de"), undefined)).toEqual({ kind: "appended", position: 3 })
    expect(await append(Buffer.from("f"), 5)).toEqual({ kind: "appended", position: 5 })
  })
})

/** Stands between the log and the store and breaks one call for each fault. */
async function startProxy(target: string) {
  const { hostname, port } = new URL(target)
  const faults: Fault[] = []
  const server = createServer((incoming, outgoing) => {
    const fault = faults.shift()
    if (fault === "reset") return void incoming.socket.destroy()
    const { method, headers, url: path } = incoming
    const call = forward(
      { hostname, port, path, method, headers: { ...headers, host: `${hostname}:${port}` } },
      (answer) => {
        const pass = () => {
          outgoing.writeHead(fault === "answerLost503" ? 503 : (answer.statusCode ?? 500), answer.headers)
          answer.pipe(outgoing)
        }
        if (fault === "resetAfterCommit") incoming.socket.destroy()
        else if (fault === "slow") setTimeout(pass, 30)
        else pass()
      },
    )
    call.on("error", () => outgoing.destroy())
    incoming.pipe(call)
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const own = (server.address() as AddressInfo).port
  return {
    faults,
    /** A SAS signs the path, not the host. */
    through: (url: string) => Object.assign(new URL(url), { port: String(own) }).toString(),
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
