import { toRunResource } from "../../../shared/arm/run-resource.ts"
import { nextLink, readSkipToken, readTop } from "../../../shared/arm/skip-token.ts"
import { listRuns } from "../../../shared/runs/list-runs.ts"
import { registryOperation } from "../arm-operation.ts"

registryOperation(
  "listRuns",
  { method: "GET", path: "runs", role: "reader", versions: "tasks" },
  async ({ app, registry, subscriptionId, query, url }) => {
    const token = readSkipToken(query.get("$skiptoken") ?? undefined)
    const { runs, next, remaining } = await listRuns(app.runs, {
      registry: registry.key,
      filter: query.get("$filter") || undefined,
      top: token?.remaining ?? readTop(query.get("$top") ?? undefined),
      before: token?.before,
    })
    const link = next === undefined ? undefined : nextLink(app.publicUrl, url, { before: next, remaining })
    const value = runs.map((run) => toRunResource(run, registry, subscriptionId))
    return link === undefined ? { value } : { value, nextLink: link }
  },
)
