import { readRunRequest } from "../../../shared/arm/read-run-request.ts"
import { toScheduledRunResource } from "../../../shared/arm/run-resource.ts"
import { queueRun } from "../../../shared/runs/queue-run.ts"
import { registryOperation } from "../arm-operation.ts"

registryOperation(
  "scheduleRun",
  { method: "POST", path: "scheduleRun", role: "runner", versions: "tasks" },
  async ({ app, registry, subscriptionId, principal, clientRequestId, url, note, bodyText, bodyJson }) => {
    const request = readRunRequest(await bodyJson(), app.limits.timeout)
    const { run, isRepeat } = await queueRun(app, {
      registry,
      request,
      runType: request.work.type === "build" ? "QuickBuild" : "QuickRun",
      requestedBy: principal.id,
      // az repeats a POST that met a 5xx, up to four times, with the same id (az-cli 1).
      ...(clientRequestId === undefined
        ? {}
        : {
            cause: {
              parts: ["scheduleRun", principal.id, clientRequestId, url.pathname.toLowerCase(), await bodyText()],
              keepSeconds: app.settings.SLIPWAY_IDEMPOTENCY_SECONDS,
            },
          }),
    })
    note({ runId: run.runId, isRepeat })
    return toScheduledRunResource(run, registry, subscriptionId)
  },
)
