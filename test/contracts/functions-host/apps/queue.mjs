// @ts-nocheck plain JavaScript, as an app may be
// Says what each message brought; the message says how to end.
import { app } from "@azure/functions"

let running = 0

app.serviceBusQueue("consume", {
  connection: "Bus",
  queueName: "%QUEUE%",
  handler: async (message, context) => {
    running += 1
    const { triggerMetadata } = context
    context.log(JSON.stringify({ message, running, type: typeof message, triggerMetadata }))
    try {
      if (message?.failures >= triggerMetadata.deliveryCount) throw new Error("not yet")
      if (message?.holdMs !== undefined) await new Promise((resolve) => setTimeout(resolve, message.holdMs))
    } finally {
      running -= 1
    }
    context.log(`done ${triggerMetadata.messageId}`)
  },
})
app.http("alive", { authLevel: "anonymous", handler: () => ({ status: 204 }) })
