import { describe, expect, it } from "vitest"
import { runApp, startFailure } from "./run-app.ts"

const limited = (http: object, rest: object = {}) => ({
  app: "http.mjs",
  appSettings: { ROUTE: "r" },
  hostJson: { extensions: { http }, ...rest },
  // What hangs on purpose shall not be waited for.
  config: { drainTimeoutMs: 100 },
})

describe("limits of host.json", () => {
  it("requests above maxOutstandingRequests are answered with 429, and taken again afterwards", async () => {
    const app = await runApp(limited({ maxOutstandingRequests: 1 }, { functionTimeout: "00:00:01" }))
    const held = app.send("GET", "/api/wait")
    await app.waitForLine(({ message }) => message === "waiting")

    expect((await app.send("GET", "/api/nothing")).status).toBe(429)

    await held
    expect((await app.send("GET", "/api/nothing")).status).toBe(204)
    await app.stop()
  })

  it("requests above maxConcurrentRequests wait for their turn", async () => {
    const app = await runApp(limited({ maxConcurrentRequests: 1 }, { functionTimeout: "00:00:01" }))
    const held = app.send("GET", "/api/wait")
    await app.waitForLine(({ message }) => message === "waiting")
    const from = app.lines.length
    const queued = app.send("GET", "/api/echo")

    // The first fails after its time; only then the second runs.
    expect((await held).status).toBe(500)
    expect((await queued).status).toBe(200)

    const order = app.lines.slice(from).map(({ message }) => message)
    expect(order.indexOf("invocation failed")).toBeLessThan(order.indexOf("echo GET"))
    await app.stop()
  })

  it("a function above functionTimeout has failed, and the error says so", async () => {
    const app = await runApp(limited({}, { functionTimeout: "00:00:01" }))

    expect((await app.send("GET", "/api/wait")).status).toBe(500)

    const line = await app.waitForLine(({ message }) => message === "invocation failed")
    expect(line.error).toContain("Timeout value of 1 s exceeded by function wait")
    await app.stop()
  })

  it("a request that takes longer than the load balancer waits is answered with 504 while the function goes on", async () => {
    const app = await runApp({ ...limited({}), config: { httpTimeoutMs: 200, drainTimeoutMs: 100 } })

    expect((await app.send("GET", "/api/wait")).status).toBe(504)

    expect((await app.send("GET", "/api/release")).status).toBe(204)
    await app.stop()
  })

  it("an empty route prefix puts routes at the root", async () => {
    const app = await runApp(limited({ routePrefix: "" }))

    expect((await app.send("GET", "/echo")).json().function).toBe("echo")
    await app.stop()
  })

  it("keys that are not applied are named in one warning", async () => {
    const app = await runApp(
      limited({ routePrefix: "x", hsts: {} }, { watchDirectories: [], logging: { logLevel: {} } }),
    )

    const line = await app.waitForLine(({ message }) => message.includes("not applied"))

    expect(line).toMatchObject({ level: "warning", keys: ["extensions.http.hsts", "watchDirectories"] })
    await app.stop()
  })

  it("a wrong host.json stops the start and everything wrong is named", async () => {
    const failure = await startFailure(limited({ maxConcurrentRequests: 0 }, { functionTimeout: "soon" }))

    expect(failure).toContain("functionTimeout")
    expect(failure).toContain("extensions.http.maxConcurrentRequests")
  })
})
