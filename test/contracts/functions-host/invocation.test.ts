import { mkdtemp, readdir, readFile, readlink, rm } from "node:fs/promises"
import { createConnection } from "node:net"
import { networkInterfaces, tmpdir } from "node:os"
import path from "node:path"
import { describe, expect, it, onTestFinished } from "vitest"
import { runApp } from "./run-app.ts"
import { writeApp } from "./write-app.ts"

describe("hooks", () => {
  it("are called in order, may change inputs, handler, result and log lines, and end with appTerminate", async () => {
    const folder = await mkdtemp(path.join(tmpdir(), "hooks-"))
    onTestFinished(() => rm(folder, { recursive: true }))
    const trace = path.join(folder, "trace")
    const app = await runApp({ app: "hooks.mjs", appSettings: { TRACE_FILE: trace } })

    const fine = await app.send("GET", "/api/fine")
    const broken = await app.send("GET", "/api/broken")
    await app.waitForLine(({ message }) => message === "[fine] end")
    expect(await app.stop()).toBe(0)

    expect(fine.text).toBe("fine with an input of the hook wrapped")
    expect(broken.text).toBe("saved")
    expect((await readFile(trace, "utf8")).trim().split("\n")).toEqual([
      "appStart",
      "preInvocation",
      "postInvocation fine fine with an input of the hook wrapped undefined",
      "preInvocation",
      "postInvocation broken null broken on purpose",
      "appTerminate",
    ])
    expect(app.userLines().map(({ level, message }) => [level, message])).toEqual([
      ["warning", "[fine] loud"],
      ["error", "[fine] end"],
    ])
  })
})

describe("a stop", () => {
  it("waits for what runs, takes nothing new and exits with 0", async () => {
    const app = await runApp({
      app: await writeApp(`
        import { app } from "@azure/functions"
        app.http("slow", { authLevel: "anonymous", handler: async (_, context) => {
          context.log("running")
          await new Promise((resolve) => process.once("SIGTERM", () => setTimeout(resolve, 300)))
          return { body: "done" }
        } })
      `),
    })
    const slow = app.send("GET", "/api/slow")
    await app.waitForLine(({ message }) => message === "running")

    const exit = app.stop()
    await app.waitForLine(({ message }) => message === "stopping")

    await expect(app.send("GET", "/api/slow")).rejects.toThrow(/ECONNREFUSED|ECONNRESET/)
    expect((await slow).text).toBe("done")
    expect(await exit).toBe(0)
  })

  it("is not cut short by a second signal", async () => {
    const app = await runApp({ app: "http.mjs", appSettings: { ROUTE: "r" }, config: { drainTimeoutMs: 300 } })
    const hanging = app.send("GET", "/api/wait").catch((error) => error.code)
    await app.waitForLine(({ message }) => message === "waiting")
    app.child.kill("SIGTERM")
    await app.waitForLine(({ message }) => message === "stopping")

    expect(await app.stop()).toBe(0)

    expect(await hanging).toBe("ECONNRESET")
  })

  it("does not wait longer than it may", async () => {
    const app = await runApp({ app: "http.mjs", appSettings: { ROUTE: "r" }, config: { drainTimeoutMs: 100 } })
    const hanging = app.send("GET", "/api/wait").catch((error) => error.code)
    await app.waitForLine(({ message }) => message === "waiting")

    expect(await app.stop()).toBe(0)

    expect(await hanging).toBe("ECONNRESET")
    expect(app.lines).toContainEqual(expect.objectContaining({ message: "stopped while functions ran", running: 1 }))
  })
})

describe("streaming, when an app turns it on", () => {
  it("carries bodies without Content-Length, repeated query keys and parameters", async () => {
    const app = await runApp({ app: "stream.mjs" })

    const answer = await app.send("POST", "/api/double/7?q=1&q=2", { body: "ab", isChunked: true })

    expect(answer).toMatchObject({ status: 201, text: "abab" })
    expect(answer.headers).toMatchObject({ "x-id": "7", "x-query": "1|2" })
    expect(answer.headers["x-url"]).toBe(`http://127.0.0.1:${app.port}/api/double/7?q=1&q=2`)
    await app.stop()
  })

  it.each(["nothing", "throws"])("a handler that returns nothing or throws sends no answer: %s", async (name) => {
    const app = await runApp({ app: "stream.mjs", config: { httpTimeoutMs: 300 } })

    const answer = await app.send("GET", `/api/${name}`)

    expect(answer.status).toBe(504)
    await app.stop()
  })

  it("does not tell a function of a client that goes away", async () => {
    const app = await runApp({ app: "stream.mjs" })
    const gone = new AbortController()
    const answer = fetch(`http://127.0.0.1:${app.port}/api/patient`, { signal: gone.signal }).catch(
      (error) => error.name,
    )
    await app.waitForLine(({ message }) => message === "began")

    gone.abort()

    expect(await answer).toBe("AbortError")
    await app.waitForLine(({ message }) => message === "went on")
    expect((await app.send("POST", "/api/double/1", { body: "x" })).text).toBe("xx")
    expect(await app.stop()).toBe(0)
  })

  it("listens on the loopback address only", async () => {
    const app = await runApp({ app: "stream.mjs" })
    const outside = Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .find(({ internal, family }) => !internal && family === "IPv4")

    const ports = await listeningPorts(app.child.pid ?? 0)

    expect(ports.length).toBe(2)
    expect(ports.map(({ address }) => address)).toEqual(["127.0.0.1", "127.0.0.1"])
    if (outside !== undefined) {
      for (const { port } of ports) await expect(connect(outside.address, port)).rejects.toThrow("ECONNREFUSED")
    }
    await app.stop()
  })
})

function connect(host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ host, port }, () => {
      socket.destroy()
      resolve()
    })
    socket.once("error", reject)
  })
}

/** Listening TCP sockets of a process, from /proc, IPv6 ones with their raw address. */
async function listeningPorts(pid: number): Promise<{ address: string; port: number }[]> {
  const links = await Promise.all(
    (await readdir(`/proc/${pid}/fd`)).map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => "")),
  )
  const inodes = new Set(links.map((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1]))
  const tables = await Promise.all(
    ["tcp", "tcp6"].map((name) => readFile(`/proc/${pid}/net/${name}`, "utf8").catch(() => "")),
  )
  return tables
    .flatMap((table) => table.split("\n").slice(1))
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[3] === "0A" && inodes.has(fields[9]))
    .map((fields) => {
      const [address = "", port = ""] = (fields[1] ?? "").split(":")
      const bytes = Buffer.from(address, "hex").reverse()
      return { address: bytes.length === 4 ? bytes.join(".") : address, port: Number.parseInt(port, 16) }
    })
}
