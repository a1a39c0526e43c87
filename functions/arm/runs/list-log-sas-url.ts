import { runLogUrl } from "../../../shared/logs/run-log.ts"
import { findRun } from "../../../shared/runs/find-run.ts"
import { registryOperation } from "../arm-operation.ts"

registryOperation(
  "listLogSasUrl",
  { method: "POST", path: "runs/{runId}/listLogSasUrl", role: "reader", versions: "tasks" },
  async ({ app, registry, params, note }) => {
    const run = await findRun(app.runs, registry, params.runId)
    note({ runId: run.runId })
    const expiresAt = new Date(app.now().getTime() + app.settings.SLIPWAY_LOG_URL_SECONDS * 1_000)
    return { logLink: await runLogUrl(app.blobs, run, expiresAt) }
  },
)
