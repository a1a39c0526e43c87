import { AppError } from "../errors.ts"
import type { Registry } from "../registry/registry.ts"
import type { Run } from "./run.ts"
import { isRunId } from "./run-id.ts"
import type { RunTable } from "./run-table.ts"

/** A run by id, in any case. Errors: `ResourceNotFound` in ARM's words. */
export async function findRun(
  runs: Pick<RunTable, "get">,
  registry: Registry,
  runId: string | undefined,
): Promise<Run> {
  const id = runId?.toLowerCase() ?? ""
  const stored = isRunId(id) ? await runs.get(registry.key, id) : undefined
  if (stored !== undefined) return stored.run
  throw new AppError("ResourceNotFound", `The run '${runId}' was not found in registry '${registry.name}'.`)
}
