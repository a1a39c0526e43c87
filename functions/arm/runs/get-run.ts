import { toRunResource } from "../../../shared/arm/run-resource.ts"
import { findRun } from "../../../shared/runs/find-run.ts"
import { registryOperation } from "../arm-operation.ts"

registryOperation(
  "getRun",
  { method: "GET", path: "runs/{runId}", role: "reader", versions: "tasks" },
  async ({ app, registry, subscriptionId, params, note }) => {
    const run = await findRun(app.runs, registry, params.runId)
    note({ runId: run.runId, runStatus: run.status })
    return toRunResource(run, registry, subscriptionId)
  },
)
