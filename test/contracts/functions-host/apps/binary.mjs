// @ts-nocheck plain JavaScript, as an app may be
import { app, trigger } from "@azure/functions"

app.serviceBusQueue("bytes", {
  connection: "Bus",
  queueName: "jobs",
  trigger: trigger.generic({ type: "serviceBusTrigger", connection: "Bus", queueName: "jobs", dataType: "binary" }),
  handler: (message, context) => context.log(`bytes ${Buffer.isBuffer(message)} ${message.toString("hex")}`),
})
