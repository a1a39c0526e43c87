import { rename, writeFile } from "node:fs/promises"
import type { LokiDatabase } from "./azurite-types.ts"

export type SavedDatabase = { db: LokiDatabase; file: string }

/**
 * Writes each database whole to a draft and renames it. All are serialised before the first is written, users before what they
 * use, and written the other way round: so a stored blob never names an extent that is not stored. Pass users first.
 * Errors: those of the file system; the databases then count as changed again.
 */
export async function saveDatabases(databases: SavedDatabase[]): Promise<void> {
  const changed = databases
    .filter(({ db }) => db.autosaveDirty())
    .map(({ db, file }) => {
      db.autosaveClearFlags()
      return { db, file, text: db.serialize() }
    })
  for (const [index, { file, text }] of changed.reverse().entries()) {
    try {
      await writeFile(`${file}.draft`, text, { mode: 0o600 })
      await rename(`${file}.draft`, file)
    } catch (error) {
      for (const { db } of changed.slice(index)) markChanged(db)
      throw error
    }
  }
}

function markChanged(db: LokiDatabase): void {
  const { collections } = db as LokiDatabase & { collections: { dirty: boolean }[] }
  for (const collection of collections) collection.dirty = true
}
