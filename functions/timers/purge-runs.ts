import { app as functions } from "@azure/functions"
import { app } from "../../shared/app.ts"
import { purgeRuns } from "../../shared/runs/purge-runs.ts"
import { timerOperation } from "./timer-operation.ts"

functions.timer("purgeRuns", {
  schedule: "%SLIPWAY_PURGE_SCHEDULE%",
  handler: timerOperation("purgeRuns", () => purgeRuns(app(), app().settings.SLIPWAY_RETENTION_DAYS)),
})
