import { cancelRun } from "../../../shared/runs/cancel-run.ts"
import { findRun } from "../../../shared/runs/find-run.ts"
import { registryOperation } from "../arm-operation.ts"

registryOperation(
  "cancelRun",
  { method: "POST", path: "runs/{runId}/cancel", role: "runner", versions: "tasks" },
  async ({ app, registry, params, note }) => {
    const found = await findRun(app.runs, registry, params.runId)
    const run = await cancelRun(app, found)
    note({ runId: run.runId, runStatus: run.status })
    return undefined
  },
)
