import path from "node:path"
import { build } from "esbuild"
import { describe, expect, it } from "vitest"
import { runApp, startFailure } from "./run-app.ts"
import { oneFunction, writeApp } from "./write-app.ts"

const banner = 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);'

async function bundle(options: { banner?: string }): Promise<string> {
  const outfile = await writeApp("", "bundle.mjs")
  await build({
    entryPoints: [path.join(import.meta.dirname, "apps/http.mjs")],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    external: ["@azure/functions-core"],
    ...(options.banner === undefined ? {} : { banner: { js: options.banner } }),
  })
  return outfile
}

describe("the app is loaded", () => {
  it("as an ESM bundle with @azure/functions-core external and a createRequire banner", async () => {
    const app = await runApp({ app: await bundle({ banner }), appSettings: { ROUTE: "r" } })

    expect((await app.send("POST", "/api/echo", { body: "x" })).json()).toMatchObject({ function: "echo", length: 1 })
    await app.stop()
  })

  it("as CommonJS", async () => {
    const app = await runApp({ app: "common.cjs" })

    expect((await app.send("GET", "/api/common")).text).toBe("from CommonJS")
    await app.stop()
  })

  it("and a bundle without the banner, which registers nothing, stops the start", async () => {
    const failure = await startFailure({ app: await bundle({}), appSettings: { ROUTE: "r" } })

    expect(failure).not.toContain("it started")
  })

  it("and an app that registers nothing stops the start", async () => {
    expect(await startFailure({ app: await writeApp("") })).toContain("registered no function")
  })

  it("and what the app throws while it loads is the reason of the failed start", async () => {
    expect(await startFailure({ app: await writeApp('throw new Error("not today")') })).toContain("not today")
  })

  it.each(["HttpResponse", "HttpRequest", "InvocationContext"])(
    "as ES modules: a named import of %s is a SyntaxError",
    async (name) => {
      const failure = await startFailure({ app: await writeApp(`import { ${name} } from "@azure/functions"`) })

      expect(failure).toContain("SyntaxError")
    },
  )

  it("as ES modules: app and output come by name, classes by the default import", async () => {
    const app = await runApp({
      app: await writeApp(`
        import functions, { app, output } from "@azure/functions"
        app.http("it", { authLevel: "anonymous", return: output.http({}), handler: () => new functions.HttpResponse({ body: "built" }) })
      `),
    })

    expect((await app.send("GET", "/api/it")).text).toBe("built")
    await app.stop()
  })

  it("and functions cannot be registered after the start", async () => {
    const app = await runApp({
      app: await writeApp(`
        import { app } from "@azure/functions"
        app.http("it", { authLevel: "anonymous", handler: () => {
          try { app.http("late", { handler: () => ({}) }) } catch (error) { return { body: error.message } }
        } })
      `),
    })

    expect((await app.send("GET", "/api/it")).text).toContain("only be registered during app startup")
    await app.stop()
  })

  it("and an unknown hook is a RangeError that the library knows", async () => {
    const app = await runApp({
      app: await writeApp(`
        import { createRequire } from "node:module"
        import { app } from "@azure/functions"
        const core = createRequire(import.meta.url)("@azure/functions-core")
        let seen
        try { core.registerHook("dinner", () => {}) } catch (error) { seen = [error.name, error.isAzureFunctionsSystemError] }
        app.http("it", { authLevel: "anonymous", handler: () => ({ jsonBody: [...seen, typeof core.version, typeof core.hostVersion, core.getProgrammingModel().name] }) })
      `),
    })

    expect((await app.send("GET", "/api/it")).json()).toEqual([
      "RangeError",
      true,
      "string",
      "string",
      "@azure/functions",
    ])
    await app.stop()
  })
})

describe("what this host cannot do as Azure would is refused at load", () => {
  const handler = "handler: () => {}"
  it.each([
    ["keys", "http", `{ authLevel: "function", ${handler} }`, 'authLevel "function" needs keys'],
    ["a leading slash", "http", `{ route: "/x", ${handler} }`, 'must not start with "/"'],
    ["an unknown constraint", "http", `{ route: "x/{id:prime}", ${handler} }`, 'constraint "prime" is not known'],
    ["an unset setting", "http", `{ route: "%NOT_SET%", ${handler} }`, 'app setting "NOT_SET" is not set'],
    [
      "retries of HTTP",
      "http",
      `{ retry: { strategy: "fixedDelay", maxRetryCount: 1, delayInterval: 1 }, ${handler} }`,
      "timers only",
    ],
    ["a wrong schedule", "timer", `{ schedule: "61 * * * * *", ${handler} }`, '"61" is not a second'],
    ["a schedule that never comes", "timer", `{ schedule: "0 0 0 30 2 *", ${handler} }`, "never comes"],
    [
      "other triggers",
      "storageQueue",
      `{ queueName: "q", connection: "C", ${handler} }`,
      "trigger queueTrigger is not there",
    ],
    [
      "topics",
      "serviceBusTopic",
      `{ topicName: "t", subscriptionName: "s", connection: "C", ${handler} }`,
      "no topics",
    ],
    [
      "sessions",
      "serviceBusQueue",
      `{ queueName: "q", connection: "C", isSessionsEnabled: true, ${handler} }`,
      "sessions",
    ],
    ["batches", "serviceBusQueue", `{ queueName: "q", connection: "C", cardinality: "many", ${handler} }`, '"many"'],
    [
      "an unset connection",
      "serviceBusQueue",
      `{ queueName: "q", connection: "C", ${handler} }`,
      'app setting "C" is not set',
    ],
  ])("%s", async (_, kind, options, reason) => {
    const failure = await startFailure({ app: await oneFunction(kind, options) })

    expect(failure).toContain("it: ")
    expect(failure).toContain(reason)
  })

  it("a connection by identity, with the setting to use instead", async () => {
    const failure = await startFailure({
      app: await oneFunction("serviceBusQueue", '{ queueName: "q", connection: "Bus", handler: () => {} }'),
      appSettings: { Bus__fullyQualifiedNamespace: "x.servicebus.windows.net" },
    })

    expect(failure).toContain('which only Azure has: set "Bus" to a connection string')
  })

  it("output bindings beside the HTTP answer", async () => {
    const failure = await startFailure({
      app: await writeApp(`
        import { app, output } from "@azure/functions"
        const queue = output.serviceBusQueue({ queueName: "q", connection: "C" })
        app.http("it", { authLevel: "anonymous", extraOutputs: [queue], handler: () => ({}) })
      `),
    })

    expect(failure).toContain("binding serviceBus")
  })

  it("routes that belong to the host", async () => {
    const failure = await startFailure({
      app: await oneFunction("http", '{ route: "admin/x", handler: () => {} }'),
      hostJson: { extensions: { http: { routePrefix: "" } } },
    })

    expect(failure).toContain("belongs to the host")
  })
})
