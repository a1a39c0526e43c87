import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type RunningApp, runApp } from "./run-app.ts"

let app: RunningApp

beforeAll(async () => {
  app = await runApp({
    app: "http.mjs",
    appSettings: { ROUTE: "from/setting", GREETING: "hello from a setting" },
    hostJson: { extensions: { http: { customHeaders: { "X-Content-Type-Options": "nosniff" } } } },
    config: { maxBodyBytes: 1_000 },
  })
})
afterAll(() => app.stop())

/** What the `answer` function shall return. */
const answering = (answer: object) => ({ headers: { "x-answer": JSON.stringify(answer) } })

describe("requests", () => {
  it("a body with a Content-Length arrives byte for byte", async () => {
    const body = Buffer.from(Array.from({ length: 256 }, (_, index) => index))

    const answer = await app.send("POST", "/api/echo", {
      body,
      headers: { "content-type": "application/octet-stream" },
    })

    expect(Buffer.from(answer.json().body, "base64")).toEqual(body)
  })

  it("a chunked upload without Content-Length arrives empty", async () => {
    const answer = await app.send("POST", "/api/echo", { body: "not seen", isChunked: true })

    expect(answer.json()).toMatchObject({ length: 0, headers: { "transfer-encoding": "chunked" } })
  })

  it("values of a repeated query key are joined with a comma, keys differ not by case", async () => {
    const answer = await app.send("GET", "/api/echo?a=1&b=x%20y&A=2&empty=")

    expect(answer.json().query).toEqual({ a: "1,2", b: "x y", empty: "" })
  })

  it.each(["GET", "HEAD"])("the body of %s is dropped, and the library says so", async (method) => {
    const from = app.lines.length

    const answer = await app.send(method, "/api/echo", { body: "dropped" })

    expect(answer.status).toBe(200)
    if (method === "GET") expect(answer.json().length).toBe(0)
    await app.waitForLine((line) => line.message.includes(`Discarding the body of the incoming ${method}`), from)
  })

  it("the URL has the host that the client asked for and https when TLS ended in front", async () => {
    const headers = { host: "slipway.example:8443", "x-forwarded-proto": "https" }

    const answer = await app.send("GET", "/api/echo?x=%2F", { headers })

    expect(answer.json().url).toBe("https://slipway.example:8443/api/echo?x=%2F")
  })

  it("a target with scheme and authority is taken like its path", async () => {
    const answer = await app.send("GET", `http://127.0.0.1:${app.port}/api/echo?a=1`)

    expect(answer.json()).toMatchObject({ function: "echo", query: { a: "1" } })
  })

  it("headers arrive in lower case", async () => {
    const answer = await app.send("GET", "/api/echo", { headers: { "X-Thing": ["one", "two"] } })

    expect(answer.json().headers["x-thing"]).toBe("one, two")
  })

  it("the caller's trace context is the invocation's", async () => {
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    const answer = await app.send("GET", "/api/echo", { headers: { traceparent } })

    expect(answer.json().traceContext.traceParent).toBe(traceparent)
  })

  it.each([1_001, 20_000_000])(
    "%i bytes, above the limit, are answered with 413 and reach no function",
    async (size) => {
      const answer = await app.send("PATCH", "/api/echo", { body: Buffer.alloc(size) })

      expect(answer.status).toBe(413)
      await app.send("DELETE", "/api/echo")
      await app.waitForLine(({ message }) => message === "echo DELETE")
      expect(app.lines.map(({ message }) => message)).not.toContain("echo PATCH")
    },
  )

  it.each([
    ["a Host header with a user in it", { host: "user@example" }],
    ["a Host header that is no host", { host: "a b" }],
  ])("%s is answered with 400", async (_, headers) => {
    const answer = await app.send("GET", "/api/echo", { headers })

    expect(answer.status).toBe(400)
  })
})

describe("routes", () => {
  it.each([
    ["GET", "/api/files/special", "literal", {}],
    ["GET", "/API/Files/SPECIAL/", "literal", {}],
    ["GET", "/api/files/12", "number", { id: "12" }],
    ["GET", "/api/files/twelve", "plain", { name: "twelve" }],
    ["GET", "/api/files/a/b%20c/d%2Fe", "catchAll", { path: "a/b c/d%2Fe" }],
    ["GET", "/api/files", "catchAll", {}],
    ["GET", "/api/optional/One", "optional", { first: "One" }],
    ["GET", "/api/optional/one/Tw%C3%B6", "optional", { first: "one", second: "Twö" }],
    ["GET", "/api/from/setting", "fromSetting", {}],
    ["GET", "/api/split", "getOnly", {}],
    ["PUT", "/api/split", "putOnly", {}],
  ])("%s %s reaches %s", async (method, target, name, params) => {
    const answer = await app.send(method, target)

    expect(answer.json()).toMatchObject({ function: name, params })
    expect(Object.keys(answer.json().params)).toEqual(Object.keys(params))
  })

  it.each(["/api/none", "/echo", "/api/optional", "/api/optional/a/b/c", "/"])("%s is not found", async (target) => {
    expect((await app.send("GET", target)).status).toBe(404)
  })

  it("a path that matches with another method is answered with 405 and the methods that it takes", async () => {
    const answer = await app.send("DELETE", "/api/split")

    expect(answer.status).toBe(405)
    expect(answer.headers.allow).toBe("GET, PUT")
  })

  it("the host's status names the functions", async () => {
    const answer = await app.send("GET", "/admin/host/status")

    expect(answer.json().state).toBe("Running")
    expect(answer.json().functions).toContain("catchAll")
  })
})

describe("answers", () => {
  it("a function that returns nothing is answered with 204", async () => {
    expect((await app.send("GET", "/api/nothing")).status).toBe(204)
  })

  it("a function that throws is answered with 500, no body, and its error is logged", async () => {
    const from = app.lines.length

    const answer = await app.send("GET", "/api/throws")

    expect(answer).toMatchObject({ status: 500, text: "" })
    const line = await app.waitForLine(({ message }) => message === "invocation failed", from)
    expect(line).toMatchObject({ level: "error", function: "throws", error: expect.stringContaining("on purpose") })
  })

  it("bytes leave as they are, with a type when the function gave none", async () => {
    const bytes = Buffer.from([0, 255, 128, 13, 10])

    const answer = await app.send("GET", "/api/answer", answering({ bytes: bytes.toString("base64") }))

    expect(answer.body).toEqual(bytes)
    expect(answer.headers).toMatchObject({ "content-length": "5", "content-type": "application/octet-stream" })
  })

  it("headers with several values are one line, host.json's are added", async () => {
    const answer = await app.send(
      "GET",
      "/api/answer",
      answering({
        status: 201,
        headers: [
          ["vary", "a"],
          ["vary", "b"],
        ],
      }),
    )

    expect(answer.status).toBe(201)
    expect(answer.headers).toMatchObject({ vary: "a, b", "x-content-type-options": "nosniff" })
  })

  it("each cookie is a line, escaped, with its attributes", async () => {
    const cookies = [
      { name: "plain", value: "a b;c" },
      {
        name: "full",
        value: "1",
        domain: "example.com",
        path: "/x",
        maxAge: 60,
        secure: true,
        httpOnly: true,
        sameSite: "Strict",
      },
      { name: "late", value: "2", expires: 1_000_000_000_000, sameSite: "None" },
    ]

    const answer = await app.send("GET", "/api/answer", answering({ cookies }))

    expect(answer.headers["set-cookie"]).toEqual([
      "plain=a%20b%3Bc; path=/",
      "full=1; max-age=60; domain=example.com; path=/x; secure; samesite=strict; httponly",
      "late=2; expires=Sun, 09 Sep 2001 01:46:40 GMT; path=/; samesite=none",
    ])
  })

  it("HEAD has no body and the Content-Length that the function gave", async () => {
    const answer = await app.send("HEAD", "/api/answer", answering({ headers: { "content-length": "12345" } }))

    expect(answer).toMatchObject({ status: 200, text: "" })
    expect(answer.headers["content-length"]).toBe("12345")
  })

  it("framing headers of a function are not believed", async () => {
    const headers = { "transfer-encoding": "chunked", "content-length": "99", connection: "close" }

    const answer = await app.send("GET", "/api/answer", answering({ headers, body: "four" }))

    expect(answer.text).toBe("four")
    expect(answer.headers["content-length"]).toBe("4")
  })

  it.each([204, 304])("a %s has neither body nor length", async (status) => {
    const answer = await app.send("GET", "/api/answer", answering({ status, body: "ignored" }))

    expect(answer).toMatchObject({ status, text: "" })
    expect(answer.headers["content-length"]).toBeUndefined()
  })

  it("a function that returns no object is answered with 500", async () => {
    expect((await app.send("GET", "/api/answer", answering("text" as unknown as object))).status).toBe(500)
  })
})

describe("the app", () => {
  it("has the app settings in its environment, and not the host's configuration", async () => {
    expect((await app.send("GET", "/api/environment?name=GREETING")).text).toBe("hello from a setting")
    expect((await app.send("GET", "/api/environment?name=SLIPWAY_PART")).text).toBe("(not set)")
  })

  it("logs one JSON line per call, with function and invocation", async () => {
    await app.send("OPTIONS", "/api/echo")

    const line = await app.waitForLine(({ message }) => message === "echo OPTIONS")
    expect(line).toMatchObject({ level: "information", category: "user", function: "echo" })
    expect(line.invocationId).toMatch(/^[0-9a-f-]{36}$/)
  })
})
