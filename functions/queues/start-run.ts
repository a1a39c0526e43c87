import { app as functions } from "@azure/functions"
import { app } from "../../shared/app.ts"
import { RunMessage } from "../../shared/runs/run-message.ts"
import { startRun } from "../../shared/runs/start-run.ts"
import { queueOperation } from "./queue-operation.ts"

functions.serviceBusQueue("startRun", {
  connection: "SlipwayServiceBus",
  queueName: "%SLIPWAY_RUNS_QUEUE%",
  handler: queueOperation("startRun", RunMessage, {
    handle: (message) => startRun(app(), message),
    sendAgain: (message, delaySeconds) => app().queue.send({ ...message, retry: message.retry + 1 }, delaySeconds),
  }),
})
