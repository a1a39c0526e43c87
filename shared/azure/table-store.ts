import { odata, RestError, type TableClient, type TableEntityResult, type TransactionAction } from "@azure/data-tables"
import { AppError } from "../errors.ts"
import type { Row, RowChange, RowProperties, TableStore } from "../tables/table-store.ts"
import type { StorageAccess } from "./storage-access.ts"

const ABSENT = 404
const CONFLICT = 409
const PRECONDITION = 412

/** {@link TableStore} on Azure Table Storage (or Azurite). */
export function createTableStore(access: StorageAccess, table: string): TableStore & { ensure(): Promise<void> } {
  const client = access.tableClient(table)
  return {
    /** Makes the table where nobody else does (the local stack; Bicep does in Azure). */
    async ensure() {
      await client.createTable()
    },
    async get(partition, rowKey) {
      try {
        return toRow(await client.getEntity(partition, rowKey))
      } catch (error) {
        if (statusOf(error) === ABSENT) return undefined
        throw unavailable(error)
      }
    },
    async list(partition, { from, to, limit }) {
      const filter = odata`PartitionKey eq ${partition} and RowKey ge ${from} and RowKey lt ${to}`
      const rows: Row[] = []
      try {
        const pages = client.listEntities({ queryOptions: { filter } }).byPage({ maxPageSize: Math.min(limit, 1000) })
        for await (const page of pages) {
          for (const entity of page) if (rows.length < limit) rows.push(toRow(entity))
          if (rows.length >= limit) break
        }
      } catch (error) {
        throw unavailable(error)
      }
      return rows
    },
    async transact(partition, changes) {
      try {
        await submit(client, partition, changes)
        return { ok: true }
      } catch (error) {
        const failed = failedChange(error, changes)
        const status = statusOf(error)
        if (status === CONFLICT) return { ok: false, reason: "exists", rowKey: failed?.rowKey }
        if (status === PRECONDITION || status === ABSENT)
          return { ok: false, reason: "changed", rowKey: failed?.rowKey }
        throw unavailable(error)
      }
    },
  }
}

async function submit(client: TableClient, partition: string, changes: RowChange[]): Promise<void> {
  const [first] = changes
  if (first === undefined) return
  if (changes.length > 1) {
    await client.submitTransaction(changes.map((change) => toAction(partition, change)))
    return
  }
  const entity = toEntity(partition, first)
  if (first.type === "insert") await client.createEntity(entity)
  if (first.type === "upsert") await client.upsertEntity(entity, "Replace")
  if (first.type === "replace") await client.updateEntity(entity, "Replace", { etag: first.etag })
  if (first.type === "delete") await client.deleteEntity(partition, first.rowKey, { etag: first.etag ?? "*" })
}

function toEntity(partition: string, change: RowChange) {
  return { partitionKey: partition, rowKey: change.rowKey, ...("properties" in change ? change.properties : {}) }
}

function toAction(partition: string, change: RowChange): TransactionAction {
  const entity = toEntity(partition, change)
  switch (change.type) {
    case "insert":
      return ["create", entity]
    case "upsert":
      return ["upsert", entity, "Replace"]
    case "replace":
      return ["update", entity, "Replace", { etag: change.etag }]
    case "delete":
      return ["delete", { ...entity, ...(change.etag === undefined ? {} : { etag: change.etag }) }]
  }
}

function toRow(entity: TableEntityResult<Record<string, unknown>>): Row {
  const { etag, partitionKey: _, rowKey, timestamp: __, ...rest } = entity
  const properties: RowProperties = {}
  for (const [key, value] of Object.entries(rest)) {
    if (key.startsWith("odata.")) continue
    if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") properties[key] = value
  }
  return { rowKey: String(rowKey), etag, properties }
}

/** The service names the failing change by its index at the start of the message: `0:The specified entity already exists`. */
function failedChange(error: unknown, changes: RowChange[]): RowChange | undefined {
  if (changes.length === 1) return changes[0]
  const index = error instanceof Error ? /(?:^|"value":")(\d+):/.exec(error.message)?.[1] : undefined
  return index === undefined ? undefined : changes[Number(index)]
}

function statusOf(error: unknown): number | undefined {
  return error instanceof RestError ? error.statusCode : undefined
}

function unavailable(error: unknown): AppError {
  return new AppError("StorageUnavailable", "The table store does not answer; try again in a moment.", {
    isRetryable: true,
    cause: error,
  })
}
