import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { MAX_LINE_BYTES } from "../../../builder/engine/line-splitter.ts"
import { createAppendBlock } from "../../../builder/log/append-block.ts"
import { createRunLog, type RunLogOptions } from "../../../builder/log/run-log.ts"
import { createMasker } from "../../../shared/secrets/mask.ts"
import { type AppendServer, type Fault, startAppendServer } from "./append-server.ts"

const SECRET = "hunter2-hunter2"

let server: AppendServer
let troubles: string[]

beforeEach(async () => {
  server = await startAppendServer()
  troubles = []
})
afterEach(() => server.close())

function open(options: Partial<RunLogOptions> = {}) {
  return createRunLog({
    url: server.url,
    maxBytes: 1_000_000,
    masker: createMasker([SECRET]),
    onTrouble: (why) => troubles.push(why),
    batchMs: 5,
    backOff: { firstDelayMs: 1, maxDelayMs: 5 },
    refusedMs: 400,
    now: () => new Date("2026-11-20T13:14:22.5Z"),
    ...options,
  })
}

describe("createRunLog", () => {
  it("writes lines with CRLF, our own with the time in front, and the last line at the end", async () => {
    const log = open()

    log.say("Executing step ID: build.")
    log.print("#1 \u001b[32mok\u001b[0m")
    log.print("")
    log.print("one\ntwo\r\n10%\r20%\r")
    log.print("bad \ud800 end")
    const isWritten = await log.close("Run ID: ca1 was successful\nafter 28s", 1000)

    expect(isWritten).toBe(true)
    expect(server.text()).toBe(
      [
        "2026/11/20 13:14:22 Executing step ID: build.",
        "#1 \u001b[32mok\u001b[0m",
        "",
        "one",
        "two",
        "10%",
        "20%",
        "bad \ufffd end",
        "Run ID: ca1 was successful after 28s",
        "",
      ].join("\r\n"),
    )
  })

  it("sends the first line soon, and lines of the same moment in one block", async () => {
    const log = open({ batchMs: 60_000 })

    log.say("first")
    log.print("second")

    await expect.poll(() => server.text()).toContain("first")
    expect(server.text()).toContain("second")
    expect(server.calls).toHaveLength(1)
    await log.close(undefined, 1000)
  })

  it("batches more slowly after the fast appends are used up", async () => {
    const log = open({ batchMs: 0, slowBatchMs: 60_000, fastAppends: 2 })
    for (const line of ["a", "b", "c"]) {
      const calls = server.calls.length
      log.print(line)
      if (line !== "c") await expect.poll(() => server.calls.length).toBe(calls + 1)
    }

    expect(server.text()).toBe("a\r\nb\r\n")
    await log.close(undefined, 1000)
    expect(server.text()).toBe("a\r\nb\r\nc\r\n")
  })

  it("masks secrets, also in the last line and on the border of a line that was cut into pieces", async () => {
    const log = open()
    const head = "x".repeat(MAX_LINE_BYTES - 7)

    log.print(`password is ${SECRET}`)
    log.print(head + SECRET.slice(0, 7), true)
    log.print(`${SECRET.slice(7)} end of the long line`)
    await log.close(`Error: ${SECRET}`, 1000)

    expect(server.text()).toBe(`password is ***\r\n${head}*** end of the long line\r\nError: ***\r\n`)
  })

  it("puts the pieces of a line together whatever they have become on the way, and never a line of its own with them", async () => {
    const log = open({ engineMasker: createMasker([SECRET, "plain-argument"]) })

    log.print("short plain-", true)
    log.print("argument hunter2-", true)
    log.print("hunter2, and a piece", true)
    log.say("our own plain-argument")
    log.print("x".repeat(MAX_LINE_BYTES))
    log.print("next")
    await log.close(undefined, 1000)

    expect(server.text()).toBe(
      [
        "short *** ***, and a piece",
        "2026/11/20 13:14:22 our own plain-argument",
        "x".repeat(MAX_LINE_BYTES),
        "next",
        "",
      ].join("\r\n"),
    )
  })

  it.each<[string, Fault[]]>([
    ["a connection that breaks before the call", ["reset"]],
    ["a connection that breaks after the block has landed", ["resetAfterCommit"]],
    ["a 503 although the block has landed", ["answerLost503"]],
    ["several in a row", ["reset", 503, "resetAfterCommit", "reset", 503, "answerLost503"]],
    ["too many requests", [429, 429]],
    ["a store that does not know the blob for a moment", [404, 404]],
  ])("survives %s without losing or doubling a line", async (_what, faults) => {
    const log = open()
    const lines = Array.from({ length: 30 }, (_, index) => `line ${index}`)

    for (const [index, line] of lines.entries()) {
      if (index % 10 === 0) server.faults.push(...faults)
      log.print(line)
      await new Promise((resolve) => setImmediate(resolve))
    }
    const isWritten = await log.close("last", 5000)

    expect(isWritten).toBe(true)
    expect(server.text()).toBe([...lines, "last", ""].join("\r\n"))
    expect(troubles.length).toBeGreaterThan(0)
  })

  it("survives random faults without losing or doubling a line", async () => {
    const log = open({ batchMs: 0 })
    const kinds: Fault[] = ["reset", "resetAfterCommit", "answerLost503", 503, 429]
    for (let index = 0; index < 200; index += 1) {
      if (index % 3 === 0) server.faults.push(kinds[(index * 7) % kinds.length] ?? 503)
      log.print(`line ${index}`)
      if (index % 2 === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    await log.close(undefined, 10_000)

    expect(server.text()).toBe(Array.from({ length: 200 }, (_, index) => `line ${index}\r\n`).join(""))
  })

  it("finds its place again when somebody else has written, or when the store has lost the end", async () => {
    server.append("Queued.\r\n")
    const log = open()
    log.print("one")
    await expect.poll(() => server.text()).toBe("Queued.\r\n\r\none\r\n")

    server.loseLast(5)
    log.print("two")
    await log.close("last", 1000)

    expect(server.text()).toBe(
      "Queued.\r\n\r\nThe log store lost its place in this log: lines may be missing here.\r\ntwo\r\nlast\r\n",
    )
  })

  it("gives up a blob that refuses for good, tells the operator and does not hold the run", async () => {
    server.faults.push(...Array.from({ length: 1000 }, (): Fault => 403))
    const log = open()
    log.print("one")

    expect(await log.close("last", 60_000)).toBe(false)
    expect(troubles.at(-1)).toContain("403")
    log.print("after")
    expect(server.text()).toBe("")
  })

  it("gives up when the store stays away until the deadline", async () => {
    server.faults.push("never")
    const log = open()
    log.print("one")

    expect(await log.close("last", 50)).toBe(false)
  })

  it("says that it is full, keeps room for the last line and never grows beyond its limit", async () => {
    const log = open({ maxBytes: 10_000 })
    for (let index = 0; index < 1000; index += 1) log.print(`line ${index} ${"ü".repeat(50)}`)
    await log.close(`Run ID: ca1 failed after 9s. Error: ${"cause ".repeat(1000)}`, 1000)

    const lines = server.text().split("\r\n")
    expect(Buffer.byteLength(server.text())).toBeLessThanOrEqual(10_000)
    expect(lines.at(-3)).toBe("The log has reached its limit of 10000 bytes. What follows is not kept.")
    expect(lines.at(-2)).toMatch(/^Run ID: ca1 failed after 9s\. Error: cause .*…$/)
    expect(lines.at(-4)).toMatch(/^line \d+ ü{50}$/)
  })

  it("drops lines that no longer fit into memory while the store is away, and says how many", async () => {
    server.faults.push(...Array.from({ length: 20 }, (): Fault => 503))
    const log = open({ bufferBytes: 1000 })
    log.print("before")
    for (let index = 0; index < 100; index += 1) log.print(`${"y".repeat(98)}`)
    await log.close("last", 5000)

    expect(server.text()).toMatch(/^before\r\n/)
    expect(server.text()).toMatch(/\d+ lines are missing here/)
    expect(server.text()).toMatch(/\r\nlast\r\n$/)
    expect(server.text().length).toBeLessThan(1500)
  })

  it("cuts what waits into blocks of at most 4 MiB", async () => {
    const log = open({ maxBytes: 100_000_000 })
    for (let index = 0; index < 300; index += 1) log.print("z".repeat(30_000))
    await log.close(undefined, 5000)

    expect(server.text().length).toBe(300 * 30_002)
    expect(Math.max(...server.calls.map(({ length }) => length))).toBe(4 * 1024 * 1024)
  })
})

describe("createAppendBlock", () => {
  it("asks for the append with the SAS and a time limit", async () => {
    server.faults.push("never")
    const append = createAppendBlock(server.url, 30)

    const silent = await append(Buffer.from("x"), 0)
    const done = await append(Buffer.from("x"), 0)

    expect(silent.kind).toBe("inDoubt")
    expect(done).toEqual({ kind: "appended", position: 0 })
    expect(server.calls.at(-1)?.query).toBe("/account/logs/run.log?sv=1&sig=abc&comp=appendblock")
  })
})
