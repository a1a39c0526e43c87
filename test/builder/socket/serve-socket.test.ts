import { once } from "node:events"
import { mkdtemp, rm, stat } from "node:fs/promises"
import { Agent, createServer, type IncomingMessage, request, type Server } from "node:http"
import { connect, type Socket } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { buffer, text } from "node:stream/consumers"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { type ServedSocket, serveSocket } from "../../../builder/socket/serve-socket.ts"

/** More than a client that does not read takes, less than all on the way to it. */
const OUTPUT = "what it said ".repeat(32_000)

let folder: string
let engine: Server
let served: ServedSocket
const seen: { method: string; url: string; headers: IncomingMessage["headers"]; body: string }[] = []
const gone = Promise.withResolvers<void>()
/** When the engine is to make something slowly: `answer` does it. */
let asked: PromiseWithResolvers<{ answer(isMade: () => void): void }>
let sockets: Socket[]

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-socket-"))
  seen.length = 0
  sockets = []
  asked = Promise.withResolvers()
  // As much as Go's servers take.
  engine = createServer({ maxHeaderSize: 1024 * 1024 }, async (incoming, outgoing) => {
    const { method = "", url = "", headers } = incoming
    if (url === "/follow") {
      outgoing.writeHead(200, { "x-kind": "stream" })
      outgoing.write("first\n")
      outgoing.once("close", () => gone.resolve())
      return
    }
    if (url === "/cut") return void incoming.socket.destroy()
    if (url === "/half") return void outgoing.writeHead(200).write("half", () => incoming.socket.destroy())
    if (url === "/early") return void outgoing.writeHead(403).end("no more")
    if (url === "/echo") {
      outgoing.writeHead(200, { "content-type": "application/octet-stream" })
      return void incoming.pipe(outgoing)
    }
    seen.push({ method, url, headers, body: await text(incoming) })
    if (url.endsWith("?slow")) {
      return asked.resolve({
        answer(isMade) {
          isMade()
          outgoing.writeHead(201).end("{}")
        },
      })
    }
    outgoing.writeHead(201, { "content-type": "application/json", "api-version": "1.45" })
    outgoing.end('{"Id":"abc"}')
  })
  engine.on("connection", (socket) => sockets.push(socket.on("error", () => {})))
  // Says what it got when the other side has ended, as an attached `wc` does.
  engine.on("upgrade", (incoming, socket, head) => {
    socket.write("HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n")
    if (incoming.url === "/hang") return void socket.resume()
    if (incoming.url === "/ends") return void socket.write(OUTPUT, () => socket.destroy())
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
    const outgoing = request({ socketPath: served.path, method, path: url, headers }, (incoming) => {
      const { statusCode: status = 0, headers } = incoming
      text(incoming).then((body) => resolve({ status, headers, body }), reject)
    })
    outgoing.once("error", reject)
    outgoing.end(body)
  })
}

function connectUpgraded(url: string): Socket {
  const socket = connect({ path: served.path, allowHalfOpen: true })
  socket.write(
    `POST ${url} HTTP/1.1\r\nHost: docker\r\nConnection: Upgrade\r\nUpgrade: tcp\r\nContent-Length: 0\r\n\r\n`,
  )
  return socket
}

/** `text`: all that came until the end, or until the other side went away. */
function upgraded(url: string): { socket: Socket; text: Promise<string> } {
  const socket = connectUpgraded(url)
  let said = ""
  socket.on("data", (chunk) => {
    said += chunk
  })
  socket.on("error", () => {})
  const over = Promise.race([once(socket, "end"), once(socket, "close")])
  return { socket, text: over.then(() => said) }
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
    const { socket, text: answer } = upgraded("/v1.45/containers/x/attach?stdin=1")

    socket.write("one ")
    socket.end("two")

    expect(await answer).toMatch(
      /^HTTP\/1\.1 101 UPGRADED\r\n[\s\S]*POST \/v1\.45\/containers\/x\/attach\?stdin=1 docker got: one two$/,
    )
  })

  test("takes the headers that the engine takes: the logins of a build fill one", async () => {
    const logins = "a".repeat(200_000)

    const answer = await call("POST", "/v1.45/build", "context", { "x-registry-config": logins })

    expect(answer.status).toBe(201)
    expect(seen[0]?.headers["x-registry-config"]).toBe(logins)
  })

  test("cuts an answer off where the engine does", async () => {
    await expect(call("GET", "/half")).rejects.toThrow("aborted")
  })

  test("loses nothing of what a program said before it ended with input unread", async () => {
    const socket = connectUpgraded("/ends")
    await expect.poll(() => sockets[0]?.destroyed).toBe(true)

    socket.write("nobody reads this")
    await call("GET", "/_ping")
    await call("GET", "/_ping")

    expect((await text(socket)).endsWith(`\r\n\r\n${OUTPUT}`)).toBe(true)
  })

  test("ends an upgraded connection on both sides when either is cut off", async () => {
    const { socket, text: answer } = upgraded("/hang")
    await new Promise((resolve) => socket.once("data", resolve))
    sockets[0]?.destroy()
    expect(await answer).toContain("101 UPGRADED")

    const second = upgraded("/hang")
    await new Promise((resolve) => second.socket.once("data", resolve))
    second.socket.destroy()
    await expect.poll(() => sockets.every(({ readableEnded, destroyed }) => readableEnded || destroyed)).toBe(true)
  })

  test("closing it lets go of an engine whose client has nothing more to send", async () => {
    const { socket } = upgraded("/hang")
    await new Promise((resolve) => socket.once("data", resolve))
    socket.end()
    await expect.poll(() => sockets[0]?.readableEnded).toBe(true)

    await served.close()

    await expect.poll(() => sockets[0]?.write("is anybody there?") === false && sockets[0]?.destroyed).toBe(true)
  })

  test("closing it waits for what is being made, which would come too late to be removed", async () => {
    const order: string[] = []
    const making = call("POST", "/v1.45/containers/create?slow", "{}").catch(() => order.push("client cut off"))
    const { answer } = await asked.promise

    const closed = served.close().then(() => order.push("closed"))
    await making
    answer(() => order.push("made"))
    await closed

    expect(order).toEqual(["client cut off", "made", "closed"])
  })

  test("closing it waits no more for an engine that goes away", async () => {
    const making = call("POST", "/v1.45/containers/create?slow", "{}").catch(() => {})
    await asked.promise

    const closed = served.close()
    await making
    for (const socket of sockets) socket.destroy()

    await expect(closed).resolves.toBeUndefined()
  })

  test("closing it ends what is under way", async () => {
    const { socket, text: answer } = upgraded("/hang")
    await new Promise((resolve) => socket.once("data", resolve))

    await served.close()

    expect(await answer).toContain("101 UPGRADED")
    expect(socket.readableEnded || socket.destroyed).toBe(true)
    await expect(call("GET", "/_ping")).rejects.toThrow(/ENOENT|ECONNREFUSED/)
  })
})
