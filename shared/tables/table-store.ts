/** A row as stored: flat properties only. `etag` changes with every write. */
export type Row = { rowKey: string; etag: string; properties: RowProperties }
export type RowProperties = Record<string, string | number | boolean>

/** One step of a transaction. `replace` and `delete` with an ETag apply only to that very version of the row. */
export type RowChange =
  | { type: "insert"; rowKey: string; properties: RowProperties }
  | { type: "replace"; rowKey: string; properties: RowProperties; etag: string }
  | { type: "upsert"; rowKey: string; properties: RowProperties }
  | { type: "delete"; rowKey: string; etag?: string }

/** Why a transaction did nothing: a row to insert exists, or one to replace or delete has changed or is gone. */
export type TransactResult = { ok: true } | { ok: false; reason: "exists" | "changed"; rowKey: string | undefined }

/** Rows in key order; `from` is inclusive, `to` exclusive. */
export type RowRange = { from: string; to: string; limit: number }

/**
 * The one table of the service, as its users see it (contracts, "Tables"). All changes of one call lie in one partition
 * and happen together or not at all (≤ 100). Errors: `StorageUnavailable`, retryable.
 */
export type TableStore = {
  get(partition: string, rowKey: string): Promise<Row | undefined>
  list(partition: string, range: RowRange): Promise<Row[]>
  transact(partition: string, changes: RowChange[]): Promise<TransactResult>
}
