// @ts-nocheck plain JavaScript, as an app may be
// HTTP functions that tell what reached them.
import { app } from "@azure/functions"

app.setup({})

async function describe(request) {
  const bytes = Buffer.from(await request.arrayBuffer())
  return {
    method: request.method,
    url: request.url,
    headers: Object.fromEntries(request.headers),
    query: Object.fromEntries(request.query),
    params: request.params,
    length: bytes.length,
    body: bytes.toString("base64"),
  }
}
const echo = async (request, context) => {
  context.log("echo", request.method)
  return {
    jsonBody: { function: context.functionName, traceContext: context.traceContext, ...(await describe(request)) },
  }
}
const anyMethod = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]

app.http("echo", { methods: anyMethod, authLevel: "anonymous", handler: echo })
app.http("catchAll", { route: "files/{*path}", authLevel: "anonymous", handler: echo })
app.http("literal", { route: "files/special", authLevel: "anonymous", handler: echo })
app.http("number", { route: "files/{id:int}", authLevel: "anonymous", handler: echo })
app.http("plain", { route: "files/{name}", authLevel: "anonymous", handler: echo })
app.http("optional", { route: "Optional/{first}/{second?}", authLevel: "anonymous", handler: echo })
app.http("getOnly", { route: "split", methods: ["GET"], authLevel: "anonymous", handler: echo })
app.http("putOnly", { route: "split", methods: ["PUT"], authLevel: "anonymous", handler: echo })
app.http("fromSetting", { route: "%ROUTE%", authLevel: "anonymous", handler: echo })

app.http("throws", {
  authLevel: "anonymous",
  handler: () => {
    throw new Error("on purpose")
  },
})
app.http("nothing", { authLevel: "anonymous", handler: () => undefined })
app.http("answer", {
  authLevel: "anonymous",
  methods: anyMethod,
  handler: async (request) => {
    const wanted = JSON.parse(request.headers.get("x-answer"))
    if (wanted.bytes !== undefined) wanted.body = Buffer.from(wanted.bytes, "base64")
    return wanted
  },
})
const waiting = []
app.http("wait", {
  authLevel: "anonymous",
  handler: async (_, context) => {
    context.log("waiting")
    await new Promise((resolve) => {
      waiting.push(resolve)
    })
    return { body: "released" }
  },
})
app.http("release", {
  authLevel: "anonymous",
  handler: () => {
    waiting.shift()?.()
    return { status: 204 }
  },
})
app.http("environment", {
  authLevel: "anonymous",
  handler: (request) => ({ body: process.env[request.query.get("name")] ?? "(not set)" }),
})
