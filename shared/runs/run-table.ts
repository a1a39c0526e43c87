import { z } from "zod"
import { AppError } from "../errors.ts"
import { fromRowJson, toRowJson } from "../tables/row-json.ts"
import type { Row, RowChange, TableStore, TransactResult } from "../tables/table-store.ts"
import { Run } from "./run.ts"
import { invertRunId } from "./run-id.ts"

/** Why a run exists; a cause that is there already answers with its run (contracts, "Tables"). */
export type Cause = { hash: string; expiresAt: Date }

export type StoredRun = { run: Run; etag: string }
export type RunPage = { runs: Run[]; next: string | undefined }

const CauseRow = z.object({ runId: z.string(), expiresAt: z.iso.datetime() })
const Heartbeat = z.object({ at: z.iso.datetime(), builderId: z.string() })
/** Sorts after every key of its kind: keys hold digits, lower-case letters and `|`. */
const LAST = "~"
/** Appended to a key it names the next possible one. */
const JUST_AFTER = "!"
const MAX_CAUSE_RACES = 10
const PAGE = 1_000

const runKey = (runId: string) => `run|${invertRunId(runId)}`
const taskKey = (task: string, runId: string) => `task|${task.toLowerCase()}|${invertRunId(runId)}`
const openKey = (runId: string) => `open|${runId}`
const causeKey = (hash: string) => `cause|${hash}`
const beatKey = (runId: string) => `beat|${runId}`

/** Runs in the table: keys and transactions of contracts, "Tables". The partition is the registry. */
export function createRunTable(store: TableStore) {
  const read = (row: Row): StoredRun => ({ run: Run.parse(fromRowJson(row.properties)), etag: row.etag })
  const properties = (run: Run) => ({ ...toRowJson(run), status: run.status })

  async function get(registry: string, runId: string): Promise<StoredRun | undefined> {
    const row = await store.get(registry, runKey(runId))
    return row === undefined ? undefined : read(row)
  }

  return {
    get,

    /** The run that a cause which still counts has led to. */
    async findByCause(registry: string, cause: Cause, now: Date): Promise<Run | undefined> {
      const row = await store.get(registry, causeKey(cause.hash))
      const known = row === undefined ? undefined : CauseRow.parse(row.properties)
      if (known === undefined || new Date(known.expiresAt) <= now) return undefined
      return (await get(registry, known.runId))?.run
    },

    /** Stores a new run, its place in lists, its open row and its cause at once. `exists` names the run that has the cause. */
    async create(
      run: Run,
      cause: Cause | undefined,
      now: Date,
    ): Promise<{ type: "created" } | { type: "exists"; runId: string }> {
      const rows: RowChange[] = [
        { type: "insert", rowKey: runKey(run.runId), properties: properties(run) },
        { type: "insert", rowKey: openKey(run.runId), properties: { createdAt: run.createdAt } },
      ]
      if (run.taskName !== undefined) {
        rows.push({ type: "insert", rowKey: taskKey(run.taskName, run.runId), properties: {} })
      }
      if (cause === undefined) return created(await store.transact(run.registry, rows))

      const causeProperties = { runId: run.runId, expiresAt: cause.expiresAt.toISOString() }
      const key = causeKey(cause.hash)
      for (let race = 0; race < MAX_CAUSE_RACES; race++) {
        const there = await store.get(run.registry, key)
        const known = there === undefined ? undefined : CauseRow.parse(there.properties)
        if (known !== undefined && new Date(known.expiresAt) > now) return { type: "exists", runId: known.runId }
        const change: RowChange =
          there === undefined
            ? { type: "insert", rowKey: key, properties: causeProperties }
            : { type: "replace", rowKey: key, properties: causeProperties, etag: there.etag }
        const result = await store.transact(run.registry, [...rows, change])
        if (result.ok) return { type: "created" }
      }
      throw new AppError("Conflict", "Too many requests for the same run at once; try again.", { isRetryable: true })
    },

    /** Replaces that very version. False when somebody else changed it first: read again. */
    async replace(run: Run, etag: string): Promise<boolean> {
      const change: RowChange = { type: "replace", rowKey: runKey(run.runId), properties: properties(run), etag }
      return (await store.transact(run.registry, [change])).ok
    },

    /** Newest first, `limit` rows of one key range; `before` is the `next` of the page before. A last page may be empty. */
    async list(
      registry: string,
      options: { taskName?: string | undefined; before?: string | undefined; limit: number },
    ): Promise<RunPage> {
      const prefix = options.taskName === undefined ? "run|" : `task|${options.taskName.toLowerCase()}|`
      const from = options.before === undefined ? prefix : `${prefix}${options.before}${JUST_AFTER}`
      const rows = await store.list(registry, { from, to: prefix + LAST, limit: options.limit })
      const next = rows.length < options.limit ? undefined : rows.at(-1)?.rowKey.slice(prefix.length)
      if (options.taskName === undefined) return { runs: rows.map((row) => read(row).run), next }
      const ids = rows.map((row) => invertRunId(row.rowKey.slice(prefix.length)))
      const runs = await Promise.all(ids.map((runId) => get(registry, runId)))
      return { runs: runs.flatMap((stored) => (stored === undefined ? [] : [stored.run])), next }
    },

    /** Ids of the runs that have not ended, or whose log is not closed yet: all that a sweep must look at. */
    async listOpen(registry: string): Promise<string[]> {
      const rows = await listAll(store, registry, "open|")
      return rows.map((row) => row.rowKey.slice("open|".length))
    },

    /** The run has ended and its log is closed: nothing is left to do for it. */
    async removeOpen(registry: string, runId: string): Promise<void> {
      await store.transact(registry, [{ type: "delete", rowKey: openKey(runId) }])
      await store.transact(registry, [{ type: "delete", rowKey: beatKey(runId) }])
    },

    /** Forgets a run: its row, its place in lists, whatever is open. */
    async remove(run: Run): Promise<void> {
      const keys = [runKey(run.runId), openKey(run.runId), beatKey(run.runId)]
      if (run.taskName !== undefined) keys.push(taskKey(run.taskName, run.runId))
      for (const rowKey of keys) await store.transact(run.registry, [{ type: "delete", rowKey }])
    },

    /** Forgets causes that no longer count. Returns how many went. */
    async removeExpiredCauses(registry: string, now: Date): Promise<number> {
      const rows = await listAll(store, registry, "cause|")
      const expired = rows.filter((row) => new Date(CauseRow.parse(row.properties).expiresAt) <= now)
      for (const { rowKey, etag } of expired) await store.transact(registry, [{ type: "delete", rowKey, etag }])
      return expired.length
    },

    async putHeartbeat(registry: string, runId: string, builderId: string, at: Date): Promise<void> {
      const row = { builderId, at: at.toISOString() }
      await store.transact(registry, [{ type: "upsert", rowKey: beatKey(runId), properties: row }])
    },

    async getHeartbeat(registry: string, runId: string): Promise<{ at: Date; builderId: string } | undefined> {
      const row = await store.get(registry, beatKey(runId))
      if (row === undefined) return undefined
      const { at, builderId } = Heartbeat.parse(row.properties)
      return { at: new Date(at), builderId }
    },
  }
}
/** Every row of one kind, read a page at a time. */
async function listAll(store: TableStore, registry: string, prefix: string): Promise<Row[]> {
  const all: Row[] = []
  let from = prefix
  for (;;) {
    const rows = await store.list(registry, { from, to: prefix + LAST, limit: PAGE })
    all.push(...rows)
    const last = rows.at(-1)
    if (rows.length < PAGE || last === undefined) return all
    from = last.rowKey + JUST_AFTER
  }
}

export type RunTable = ReturnType<typeof createRunTable>

function created(result: TransactResult): { type: "created" } {
  if (!result.ok) throw new Error(`a new run's row ${result.rowKey ?? ""} is there already`)
  return { type: "created" }
}
