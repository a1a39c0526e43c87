import type { Row, RowProperties, TableStore } from "../../shared/tables/table-store.ts"

/** {@link TableStore} in memory; held to the same contract suite as the real one. Counts what lists read. */
export function createMemoryTableStore(): TableStore & { reads: { requests: number; rows: number } } {
  const partitions = new Map<string, Map<string, { etag: string; properties: RowProperties }>>()
  const reads = { requests: 0, rows: 0 }
  let version = 0
  const rowsOf = (partition: string) => {
    const rows = partitions.get(partition) ?? new Map()
    partitions.set(partition, rows)
    return rows as Map<string, { etag: string; properties: RowProperties }>
  }
  const toRow = (rowKey: string, row: { etag: string; properties: RowProperties }): Row => ({
    rowKey,
    etag: row.etag,
    properties: structuredClone(row.properties),
  })
  return {
    reads,
    async get(partition, rowKey) {
      reads.requests++
      const row = rowsOf(partition).get(rowKey)
      if (row === undefined) return undefined
      reads.rows++
      return toRow(rowKey, row)
    },
    async list(partition, { from, to, limit }) {
      reads.requests++
      const keys = [...rowsOf(partition).keys()].filter((key) => key >= from && key < to).sort()
      const rows = keys.slice(0, limit).map((key) => toRow(key, rowsOf(partition).get(key)!))
      reads.rows += rows.length
      return rows
    },
    async transact(partition, changes) {
      const rows = new Map(rowsOf(partition))
      for (const change of changes) {
        const there = rows.get(change.rowKey)
        if (change.type === "insert" && there !== undefined)
          return { ok: false, reason: "exists", rowKey: change.rowKey }
        if (change.type === "replace" && there?.etag !== change.etag)
          return { ok: false, reason: "changed", rowKey: change.rowKey }
        if (change.type === "delete") {
          const isOther = there === undefined || (change.etag !== undefined && there.etag !== change.etag)
          if (isOther) return { ok: false, reason: "changed", rowKey: change.rowKey }
          rows.delete(change.rowKey)
        } else rows.set(change.rowKey, { etag: `v${++version}`, properties: structuredClone(change.properties) })
      }
      partitions.set(partition, rows)
      return { ok: true }
    },
  }
}
