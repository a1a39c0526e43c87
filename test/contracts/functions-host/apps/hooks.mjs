// @ts-nocheck plain JavaScript, as an app may be
// Every kind of hook, each saying that it was called and with what.
import { appendFileSync } from "node:fs"
import { app } from "@azure/functions"

const say = (text) => appendFileSync(process.env.TRACE_FILE, `${text}\n`)

app.hook.appStart((context) => {
  context.hookData.start = true
  say("appStart")
})
app.hook.appTerminate(() => say("appTerminate"))
app.hook.preInvocation((context) => {
  context.hookData.seen = context.invocationContext.functionName
  context.inputs.push("an input of the hook")
  const handler = context.functionHandler
  context.functionHandler = async (...inputs) => `${await handler(...inputs)} wrapped`
  say("preInvocation")
})
const second = app.hook.preInvocation(() => say("never"))
second.dispose()
app.hook.postInvocation((context) => {
  say(`postInvocation ${context.hookData.seen} ${context.result} ${context.error?.message}`)
  if (context.error) {
    context.error = undefined
    context.result = "saved"
  }
  context.result = { body: String(context.result) }
})
app.hook.log((context) => {
  if (context.category === "user") context.message = `[${context.invocationContext?.functionName}] ${context.message}`
  if (context.message.includes("quiet")) context.level = "none"
})

app.http("fine", {
  authLevel: "anonymous",
  handler: (_, extra, context) => {
    context.warn("loud")
    context.log("quiet")
    context.error("end")
    return `fine with ${extra}`
  },
})
app.http("broken", {
  authLevel: "anonymous",
  handler: () => {
    throw new Error("broken on purpose")
  },
})
