// @ts-nocheck plain JavaScript, as an app may be
import { app } from "@azure/functions"

app.setup({ enableHttpStream: true })

app.http("double", {
  route: "double/{id}",
  authLevel: "anonymous",
  handler: async (request) => {
    const text = await request.text()
    return {
      status: 201,
      headers: { "x-id": request.params.id, "x-url": request.url, "x-query": request.query.getAll("q").join("|") },
      body: text + text,
    }
  },
})
app.http("nothing", { authLevel: "anonymous", handler: () => undefined })
app.http("throws", {
  authLevel: "anonymous",
  handler: () => {
    throw new Error("while streaming")
  },
})
app.http("patient", {
  authLevel: "anonymous",
  handler: async (_, context) => {
    context.log("began")
    await new Promise((resolve) => setTimeout(resolve, 200))
    context.log("went on")
    return { body: "nobody reads this" }
  },
})
