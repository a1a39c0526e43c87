import { app as functions } from "@azure/functions"
import { app } from "../../shared/app.ts"
import { sweepRuns } from "../../shared/runs/sweep-runs.ts"
import { timerOperation } from "./timer-operation.ts"

functions.timer("sweepRuns", {
  schedule: "%SLIPWAY_SWEEP_SCHEDULE%",
  handler: timerOperation("sweepRuns", async () => ({ mended: await sweepRuns(app()) })),
})
