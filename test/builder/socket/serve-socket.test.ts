import { mkdtemp, rm, stat } from "node:fs/promises"
import { Agent, createServer, type IncomingMessage, request, type Server } from "node:http"
import { connect, type Socket } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { buffer, text } from "node:stream/consumers"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { type ServedSocket, serveSocket } from "../../../builder/socket/serve-socket.ts"

let folder: string
let engine: Server
let served: ServedSocket
const seen: { method: string; url: string; headers: IncomingMessage["headers"]; body: string }[] = []
const gone = Promise.withResolvers<void>()
let sockets: Socket[]

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-socket-"))
  seen.length = 0
  sockets = []
  engine = createServer(async (incoming, outgoing) => {
    const { method = "", url = "", headers } = incoming
    if (url === "/follow") {
      outgoing.writeHead(200, { "x-kind": "stream" })
      outgoing.write("first\n")
      outgoing.once("close", () => gone.resolve())
      return
    }
    if (url === "/cut") return void incoming.socket.destroy()
    if (url === "/early") return void outgoing.writeHead(403).end("no more")
    if (url === "/echo") {
      outgoing.writeHead(200, { "content-type": "application/octet-stream" })
      return void incoming.pipe(outgoing)
    }
    seen.push({ method, url, headers, body: await text(incoming) })
    outgoing.writeHead(201, { "content-type": "application/json", "api-version": "1.45" })
    outgoing.end('{"Id":"abc"}')
  })
  engine.on("connection", (socket) => sockets.push(socket))
  // Says what it got when the other side has ended, as an attached `wc` does.
  engine.on("upgrade", (incoming, socket, head) => {
    socket.write("HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n")
    if (incoming.url === "/hang") return
    let input = head.toString()
    // Not read by an iterator, which would close both directions at the end of one.
    socket.on("data", (chunk) => {
      input += chunk
    })
    socket.once("end", () => socket.end(`${incoming.method} ${incoming.url} ${incoming.headers.host} got: ${input}`))
  })
  await new Promise<void>((resolve) => engine.listen(join(folder, "engine.sock"), resolve))
  served = await serveSocket(join(folder, "run.sock"), join(folder, "engine.sock"), { "slipway.run": "ca1" })
})
afterEach(async () => {
  await served.close()
  for (const socket of sockets) socket.destroy()
  await new Promise((resolve) => engine.close(resolve))
  await rm(folder, { recursive: true, force: true })
})

type Answer = { status: number; headers: IncomingMessage["headers"]; body: string }

function call(method: string, url: string, body: string | Buffer = "", headers = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ socketPath: served.path, method, path: url, headers }, async (incoming) => {
      resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: await text(incoming) })
    })
    outgoing.once("error", reject)
    outgoing.end(body)
  })
}

/** Until the answer's head and what is written after it match. */
async function upgraded(url: string): Promise<{ socket: Socket; text: Promise<string> }> {
  const socket = connect({ path: served.path, allowHalfOpen: true })
  socket.write(
    `POST ${url} HTTP/1.1\r\nHost: docker\r\nConnection: Upgrade\r\nUpgrade: tcp\r\nContent-Length: 0\r\n\r\n`,
  )
  return { socket, text: text(socket) }
}

describe("the socket that a step is given", () => {
  test("is for its own user and group", async () => {
    expect((await stat(served.path)).mode & 0o777).toBe(0o660)
  })

  test("passes calls and answers on as they are", async () => {
    const answer = await call("POST", "/v1.45/containers/x/start?a=b%20c", "hello", { "x-registry-auth": "abc" })

    expect(answer).toMatchObject({ status: 201, body: '{"Id":"abc"}', headers: { "api-version": "1.45" } })
    expect(seen).toMatchObject([{ method: "POST", url: "/v1.45/containers/x/start?a=b%20c", body: "hello" }])
    expect(seen[0]?.headers).toMatchObject({ "x-registry-auth": "abc" })
  })

  test("asks the engine to stay until its answer is read, and lets go of it then", async () => {
    await call("GET", "/_ping", "", { connection: "close" })

    expect(seen[0]?.headers.connection).toBe("keep-alive")
    await expect.poll(() => sockets.every(({ destroyed }) => destroyed)).toBe(true)
  })

  test("labels what is made", async () => {
    const body = JSON.stringify({ Image: "busybox", HostConfig: { Binds: ["/var/run/docker.sock:/s"] } })

    const answer = await call("POST", "/v1.45/containers/create?name=x", body)

    expect(answer.status).toBe(201)
    expect(JSON.parse(seen[0]?.body ?? "")).toEqual({
      Image: "busybox",
      HostConfig: { Binds: [`${served.path}:/s`] },
      Labels: { "slipway.run": "ca1" },
    })
  })

  test("tells a client in docker's form what it cannot read, and asks the engine for nothing", async () => {
    const malformed = await call("POST", "/containers/create", "{")
    const huge = await call("POST", "/volumes/create", "x".repeat(4 * 1024 * 1024 + 1))

    expect(malformed).toMatchObject({ status: 400, body: '{"message":"slipway: the body is no JSON object"}' })
    expect(huge).toMatchObject({ status: 400, body: expect.stringContaining("longer than") })
    expect(seen).toEqual([])
  })

  // The lifecycle of buildpacks opens one connection as root, gives its rights up, and can open no other.
  test("keeps a client's connection for its next calls, however long it waits with them", async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const answers = []

    for (const method of ["GET", "POST", "GET"]) {
      const outgoing = request({ socketPath: served.path, method, path: "/containers/create", agent })
      const answered = new Promise<IncomingMessage>((resolve, reject) => {
        outgoing.once("response", resolve)
        outgoing.once("error", reject)
      })
      outgoing.end()
      const incoming = await answered
      await text(incoming)
      const { connection, "keep-alive": limit } = incoming.headers
      answers.push({ status: incoming.statusCode, connection, limit, isReused: outgoing.reusedSocket })
    }
    agent.destroy()

    const answer = { status: 201, connection: "keep-alive", limit: undefined }
    expect(answers).toEqual([false, true, true].map((isReused) => ({ ...answer, isReused })))
  })

  test("holds no body back: what is sent comes before it has ended", async () => {
    const sent = Buffer.alloc(8 * 1024 * 1024, "layer ")

    const outgoing = request({ socketPath: served.path, method: "POST", path: "/echo" })
    const answer = new Promise<IncomingMessage>((resolve) => outgoing.once("response", resolve))
    outgoing.write(sent.subarray(0, 10))
    const incoming = await answer
    const first = await new Promise<Buffer>((resolve) => incoming.once("data", resolve))
    const rest = buffer(incoming)
    outgoing.end(sent.subarray(10))

    expect(first.toString()).toBe("layer laye")
    expect((await rest).equals(sent.subarray(10))).toBe(true)
  })

  test("ends a call of the engine when its client goes away", async () => {
    const outgoing = request({ socketPath: served.path, path: "/follow" }).end()
    outgoing.on("error", () => {})
    const incoming = await new Promise<IncomingMessage>((resolve) => outgoing.once("response", resolve))
    incoming.on("error", () => {})
    const line = await new Promise<Buffer>((resolve) => incoming.once("data", resolve))

    outgoing.destroy()

    expect(line.toString()).toBe("first\n")
    expect(incoming.headers["x-kind"]).toBe("stream")
    await gone.promise
  })

  test("passes an answer on that comes before the body has ended", async () => {
    const outgoing = request({ socketPath: served.path, method: "POST", path: "/early" })
    outgoing.on("error", () => {})
    outgoing.write("some")
    const incoming = await new Promise<IncomingMessage>((resolve) => outgoing.once("response", resolve))

    expect(incoming.statusCode).toBe(403)
    expect(await text(incoming)).toBe("no more")
    outgoing.destroy()
  })

  test("says that the engine does not answer", async () => {
    expect(await call("GET", "/cut")).toMatchObject({
      status: 502,
      body: expect.stringContaining("the container engine does not answer"),
    })
    const nobody = await serveSocket(join(folder, "other.sock"), join(folder, "nothing.sock"), {})
    const running = served
    served = nobody
    const answer = await call("GET", "/_ping")
    served = running
    await nobody.close()

    expect(answer).toMatchObject({ status: 502, body: expect.stringContaining("ENOENT") })
  })

  test("carries both directions of an upgraded connection, each to its own end", async () => {
    const { socket, text: answer } = await upgraded("/v1.45/containers/x/attach?stdin=1")

    socket.write("one ")
    socket.end("two")

    expect(await answer).toMatch(
      /^HTTP\/1\.1 101 UPGRADED\r\n[\s\S]*POST \/v1\.45\/containers\/x\/attach\?stdin=1 docker got: one two$/,
    )
  })

  test("closing it ends what is under way", async () => {
    const { socket, text: answer } = await upgraded("/hang")
    socket.on("error", () => {})
    await new Promise((resolve) => socket.once("data", resolve))

    await served.close()

    expect(await answer.catch(() => "cut off")).toMatch(/101 UPGRADED|cut off/)
    expect(socket.readableEnded || socket.destroyed).toBe(true)
    await expect(call("GET", "/_ping")).rejects.toThrow(/ENOENT|ECONNREFUSED/)
  })
})
