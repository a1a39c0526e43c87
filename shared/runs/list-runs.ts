import { type FilterFields, matchesFilter } from "../arm/matches-filter.ts"
import { type Filter, parseFilter } from "../arm/odata-filter.ts"
import type { Run } from "./run.ts"
import { invertRunId } from "./run-id.ts"
import type { RunTable } from "./run-table.ts"

/** Fields of the model RunFilter (`arm-contract` 4); az writes them in Pascal case. */
const FIELDS = [
  "RunId",
  "RunType",
  "Status",
  "CreateTime",
  "FinishTime",
  "OutputImageManifests",
  "IsArchiveEnabled",
  "TaskName",
  "AgentPoolName",
] as const

const PAGE = 100
/** Rows looked at for one answer; a filter that finds nothing in them goes on in the next page. */
const MAX_SCANNED = 2_000

export type ListRunsInput = {
  registry: string
  filter: string | undefined
  /** All that the client wants, over all pages; undefined for everything. */
  top: number | undefined
  before: string | undefined
}

export type RunListing = {
  runs: Run[]
  /** Where the next page begins, and how many of `top` are left then; no `next`, no further page. */
  next: string | undefined
  remaining: number | undefined
}

/**
 * Runs of a registry, newest first. A filter that asks for one task reads that task's rows only.
 * Errors: `InvalidRequestParameter` on `$filter`.
 */
export async function listRuns(runs: Pick<RunTable, "list">, input: ListRunsInput): Promise<RunListing> {
  const asked = input.filter === undefined ? undefined : parseFilter(input.filter, FIELDS)
  const taskName = asked === undefined ? undefined : taskOf(asked)
  // The task's own rows answer such a filter whole: nothing is left to check.
  const filter = asked?.type === "compare" && taskName !== undefined ? undefined : asked
  const wanted = Math.min(input.top ?? PAGE, PAGE)
  const found: Run[] = []
  let before = input.before
  let scanned = 0
  do {
    const limit = filter === undefined ? wanted : PAGE
    const page = await runs.list(input.registry, { taskName, before, limit })
    scanned += limit
    before = page.next
    for (const run of page.runs) {
      if (filter !== undefined && !matchesFilter(filter, fieldsOf(run))) continue
      found.push(run)
      if (found.length < wanted) continue
      if (run !== page.runs.at(-1)) before = invertRunId(run.runId)
      break
    }
  } while (before !== undefined && found.length < wanted && scanned < MAX_SCANNED)
  const remaining = input.top === undefined ? undefined : input.top - found.length
  return { runs: found, next: remaining === 0 ? undefined : before, remaining }
}

/** The task that every match must belong to, if the filter says so outside any `or`. */
function taskOf(filter: Filter): string | undefined {
  if (filter.type === "and") return taskOf(filter.left) ?? taskOf(filter.right)
  const isTask = filter.type === "compare" && filter.field === "taskname" && filter.operator === "eq"
  return isTask && typeof filter.value === "string" && filter.value !== "" ? filter.value : undefined
}

function fieldsOf(run: Run): FilterFields {
  return {
    runid: run.runId,
    runtype: run.runType,
    status: run.status,
    createtime: run.createdAt,
    finishtime: run.finishedAt,
    outputimagemanifests: run.outputImages.map(({ repository, digest }) => `${repository}@${digest ?? ""}`).join(","),
    isarchiveenabled: run.isArchiveEnabled,
    taskname: run.taskName,
    agentpoolname: run.agentPoolName,
  }
}
