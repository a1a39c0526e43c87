// @ts-expect-error: Azurite ships no types.
import batchModule from "azurite/dist/src/table/batch/BatchSerialization.js"

type BatchSerialization = { extractPath(uri: string): RegExpMatchArray | null }

/**
 * Azurite 3.35 finds the table of each part of a transaction with a pattern that knows no dot in the account's name, and
 * answers 500. Ours has dots (az-cli.md 6.3), so the pattern is replaced; the first group is the table, as before.
 */
export function acceptDottedAccount(account: string): void {
  const { BatchSerialization } = batchModule as { BatchSerialization: { prototype: BatchSerialization } }
  const pattern = new RegExp(`/${account.replace(/[.\\]/g, "\\$&")}/(\\w+)`)
  BatchSerialization.prototype.extractPath = (uri) => uri.match(pattern)
}
