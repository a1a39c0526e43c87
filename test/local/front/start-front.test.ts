import { randomBytes } from "node:crypto"
import { once } from "node:events"
import tls from "node:tls"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { ACCOUNT, ask, freePort, serve, startTestFront } from "./front-fixture.ts"

type Seen = { method?: string | undefined; url?: string | undefined; rawHeaders: string[]; body: Buffer }
let seen: Seen[]
let host: Awaited<ReturnType<typeof serve>>
let blobs: Awaited<ReturnType<typeof serve>>
let front: Awaited<ReturnType<typeof startTestFront>>

/** Answers with what it was asked; `/slow-body` streams, `/break` breaks off in the middle. */
function echo(name: string) {
  return serve((request, response) => {
    const chunks: Buffer[] = []
    request.on("data", (chunk: Buffer) => chunks.push(chunk))
    request.on("end", () => {
      seen.push({
        method: request.method,
        url: request.url,
        rawHeaders: request.rawHeaders,
        body: Buffer.concat(chunks),
      })
      if (request.url === "/break") {
        response.writeHead(200, { "content-length": 100 })
        response.write("half", () => response.destroy())
        return
      }
      const headers = [
        "Content-Length",
        "4",
        "x-ms-meta-Complete",
        "Succeeded",
        "Set-Cookie",
        "a=1",
        "Set-Cookie",
        "b=2",
      ]
      response.writeHead(request.headers["x-ms-range"] === undefined ? 200 : 206, [...headers, "X-Served-By", name])
      response.end(request.method === "HEAD" ? undefined : "body")
    })
  })
}

function headersOf(entry: Seen | undefined): Record<string, string> {
  const raw = entry?.rawHeaders ?? []
  return Object.fromEntries(
    Array.from({ length: raw.length / 2 }, (_, index) => [raw[2 * index]!.toLowerCase(), raw[2 * index + 1]!]),
  )
}

beforeEach(async () => {
  seen = []
  host = await echo("host")
  blobs = await echo("blobs")
  front = await startTestFront({ hostPort: host.port, blobPort: blobs.port, holdMs: 3000 })
})
afterEach(async () => {
  await front.close()
  await host.close()
  await blobs.close()
})

describe("routes", () => {
  it("sends the storage account's path to the blob store, path and query byte for byte", async () => {
    const target = `/${ACCOUNT}/source/2026/a%20b%2Fc//d.tar.gz?sv=2018&sig=a%2Bb%3D&empty=&x=%e4`

    const reply = await ask(front, target)

    expect(reply.headers["x-served-by"]).toBe("blobs")
    expect(seen[0]?.url).toBe(target)
    expect(headersOf(seen[0]).host).toBe(`localhost:${front.port}`)
    expect(headersOf(seen[0])).not.toHaveProperty("x-forwarded-for")
  })

  it("sends everything else to the host", async () => {
    const reply = await ask(front, "/subscriptions/x?api-version=2019-11-01")

    expect(reply.headers["x-served-by"]).toBe("host")
    expect(seen[0]?.url).toBe("/subscriptions/x?api-version=2019-11-01")
  })

  it("does not take a name that only begins with the account's for the account", async () => {
    const reply = await ask(front, `/${ACCOUNT}x/source/b`)

    expect(reply.headers["x-served-by"]).toBe("host")
  })

  it("answers its health and sign-in itself", async () => {
    const health = await ask(front, "/healthz")
    const discovery = await ask(front, "/adfs/.well-known/openid-configuration")

    expect(health.status).toBe(200)
    expect(JSON.parse(discovery.body.toString()).issuer).toBe(`${front.url}/adfs`)
    expect(seen).toEqual([])
  })
})

describe("what is passed on", () => {
  it("says who asks and how, and believes no client that says so itself", async () => {
    await ask(front, "/subscriptions", {
      headers: {
        "X-Forwarded-For": "6.6.6.6",
        "x-forwarded-host": "evil.test",
        "X-Forwarded-Proto": "http",
        Forwarded: "for=6.6.6.6",
        "X-Ms-Client-Principal": "e30=",
        "X-Original-URL": "/admin",
      },
    })

    const headers = headersOf(seen[0])
    expect(headers).toMatchObject({
      "x-forwarded-for": "127.0.0.1",
      "x-forwarded-host": `localhost:${front.port}`,
      "x-forwarded-proto": "https",
    })
    expect(JSON.stringify(seen[0]?.rawHeaders)).not.toMatch(/6\.6\.6\.6|evil|client-principal|\/admin/i)
  })

  it("drops the headers of the connection and those that it names", async () => {
    await ask(front, "/subscriptions", {
      headers: {
        Connection: "keep-alive, X-Hop",
        "X-Hop": "1",
        TE: "trailers",
        "Proxy-Authorization": "x",
        "X-Stays": "2",
      },
    })

    expect(headersOf(seen[0])).toMatchObject({ "x-stays": "2" })
    for (const name of ["x-hop", "te", "proxy-authorization"]) expect(headersOf(seen[0])).not.toHaveProperty(name)
  })

  it("keeps the case of header names and repeated headers in answers", async () => {
    const reply = await ask(front, `/${ACCOUNT}/logs/a`)

    expect(reply.rawHeaders).toContain("x-ms-meta-Complete")
    expect(reply.headers["set-cookie"]).toEqual(["a=1", "b=2"])
  })

  it("keeps the length of an answer to HEAD and the 206 of a range", async () => {
    const head = await ask(front, `/${ACCOUNT}/logs/a`, { method: "HEAD" })
    const range = await ask(front, `/${ACCOUNT}/logs/a`, { headers: { "x-ms-range": "bytes=0-3" } })

    expect(head.headers["content-length"]).toBe("4")
    expect(range.status).toBe(206)
    expect(headersOf(seen[1])["x-ms-range"]).toBe("bytes=0-3")
  })

  it.each([
    ["with a length", { "content-length": 20 * 1024 * 1024 }],
    ["in chunks", { "transfer-encoding": "chunked" }],
  ])("carries a large body %s unchanged", async (_, headers) => {
    const body = randomBytes(20 * 1024 * 1024)

    await ask(front, `/${ACCOUNT}/source/big`, { method: "PUT", headers, body })

    expect(seen[0]?.body.equals(body)).toBe(true)
  })

  it("gives a POST without a body a length of zero", async () => {
    await ask(front, "/subscriptions/x/cancel", { method: "POST", headers: { "content-length": 0 } })

    expect(headersOf(seen[0])).toMatchObject({ "content-length": "0" })
    expect(headersOf(seen[0])).not.toHaveProperty("transfer-encoding")
  })

  it("streams: the first bytes arrive before the upstream has ended", async () => {
    await host.close()
    let end: () => void = () => undefined
    const streaming = await serve((_request, response) => {
      response.writeHead(200)
      response.write("first")
      end = () => response.end("last")
    }, host.port)
    const socket = tls.connect({ port: front.port, host: "127.0.0.1", servername: "localhost", ca: front.ca })
    await once(socket, "secureConnect")
    socket.write(`GET /stream HTTP/1.1\r\nHost: localhost:${front.port}\r\nConnection: close\r\n\r\n`)
    let text = ""
    socket.on("data", (chunk) => {
      text += String(chunk)
      if (text.includes("first")) end()
    })
    await once(socket, "close")

    expect(text).toContain("last")
    await streaming.close()
    host = await echo("host")
  })

  it("breaks off towards the client when the upstream breaks off", async () => {
    await expect(ask(front, "/break")).rejects.toThrow(/aborted|hang up/)
  })

  it("tells the upstream when the client has gone", async () => {
    await host.close()
    const gone = Promise.withResolvers<void>()
    const asked = Promise.withResolvers<void>()
    const waiting = await serve((_request, response) => {
      asked.resolve()
      response.once("close", () => gone.resolve())
    }, host.port)
    const socket = tls.connect({ port: front.port, host: "127.0.0.1", servername: "localhost", ca: front.ca })
    await once(socket, "secureConnect")
    socket.write(`GET /long HTTP/1.1\r\nHost: localhost:${front.port}\r\n\r\n`)
    await asked.promise

    socket.destroy()

    await expect(gone.promise).resolves.toBeUndefined()
    await waiting.close()
    host = await echo("host")
  })
})

describe("an upstream that is away", () => {
  it("is a delay for GET and for a POST that found nobody", async () => {
    await host.close()

    const replies = [ask(front, "/subscriptions"), ask(front, "/runs", { method: "POST", body: "{}" })]
    // Time for some refused attempts; the outcome does not depend on how many.
    await new Promise((resolve) => setTimeout(resolve, 200))
    host = await serve((request, response) => {
      request.on("data", (chunk: Buffer) => response.write(chunk))
      request.on("end", () => response.end())
    }, host.port)

    const [get, created] = await Promise.all(replies)
    expect(get?.status).toBe(200)
    expect(created?.status).toBe(200)
    expect(created?.body.toString()).toBe("{}")
  })

  it("is tried again for a GET whose connection broke before the answer, and never for a POST", async () => {
    await host.close()
    const methods: string[] = []
    host = await serve((request, response) => {
      methods.push(request.method ?? "")
      if (methods.filter((method) => method === request.method).length === 1) request.socket.destroy()
      else response.end("ok")
    }, host.port)

    const get = await ask(front, "/subscriptions")
    const posted = await ask(front, "/runs", { method: "POST", body: "{}" })

    expect(get.status).toBe(200)
    expect(posted.status).toBe(503)
    expect(methods).toEqual(["GET", "GET", "POST"])
  })

  it("is said in ARM's words, or in the blob store's", async () => {
    const lonely = await startTestFront({ hostPort: await freePort(), blobPort: await freePort(), holdMs: 50 })

    const arm = await ask(lonely, "/subscriptions")
    const blob = await ask(lonely, `/${ACCOUNT}/logs/a`)
    await lonely.close()

    expect(arm).toMatchObject({ status: 503, headers: { "retry-after": "1" } })
    expect(JSON.parse(arm.body.toString())).toMatchObject({ error: { code: "ServiceUnavailable" } })
    expect(blob).toMatchObject({ status: 503, headers: { "x-ms-error-code": "ServerBusy", "retry-after": "1" } })
  })
})

describe("plain HTTP from this machine", () => {
  const plain = (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${front.port}${path}`, init)

  it("gets registry tokens, with credentials", async () => {
    const path = "/oauth2/token?service=127.0.0.1%3A5000&scope=repository:a:pull"
    const headers = { authorization: `Basic ${Buffer.from("registry:registry-password").toString("base64")}` }

    expect((await plain(path, { headers })).status).toBe(200)
    expect((await plain(path)).status).toBe(401)
  })

  it.each(["/subscriptions", "/adfs/oauth2/token", `/${ACCOUNT}/logs/a`, "/healthz"])(
    "is refused for %s",
    async (path) => {
      const reply = await plain(path)

      expect(reply.status).toBe(400)
      expect(await reply.text()).toContain("https://")
      expect(seen).toEqual([])
    },
  )
})

describe("requests that two readers could understand differently", () => {
  it.each([
    "//subscriptions",
    "/subscriptions//x",
    "/a/../subscriptions",
    "/a/%2e%2e/subscriptions",
    "/a/%252e%252e/subscriptions",
    "/a%2Fb",
    "/a\\b",
    "/a%5cb",
    "/a%00b",
    "/a%zz",
    `/${ACCOUNT}/../subscriptions`,
    `/${ACCOUNT}/%2e%2e/subscriptions`,
    `/${ACCOUNT}/x%2f..%2fy`,
    "https://evil.test/subscriptions",
  ])("refuses the target %s and forwards nothing", async (target) => {
    const reply = await ask(front, target)

    expect(reply.status).toBe(400)
    expect(seen).toEqual([])
  })

  it.each([
    ["two lengths", "Content-Length: 2\r\nContent-Length: 3\r\n"],
    ["a length and chunks", "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n"],
    ["an unknown transfer encoding", "Transfer-Encoding: gzip\r\n"],
    ["a folded header", "X-A: 1\r\n X-B: 2\r\n"],
  ])("refuses %s", async (_, headers) => {
    const socket = tls.connect({ port: front.port, host: "127.0.0.1", servername: "localhost", ca: front.ca })
    await once(socket, "secureConnect")
    let text = ""
    socket.on("data", (chunk) => {
      text += String(chunk)
    })

    socket.write(`POST /runs HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${headers}\r\n{}`)
    await once(socket, "close")

    expect(text).toMatch(/^HTTP\/1\.1 400 /)
    expect(seen).toEqual([])
  })

  it("refuses TLS 1.1", async () => {
    const socket = tls.connect({
      port: front.port,
      host: "127.0.0.1",
      ca: front.ca,
      maxVersion: "TLSv1.1",
      minVersion: "TLSv1",
    })

    await expect(once(socket, "secureConnect")).rejects.toThrow()
  })
})
