import { readdir } from "node:fs/promises"
import { removeTree } from "./remove-tree.ts"

/**
 * Removes everything in a folder but not the folder, by the rules of {@link removeTree}. Errors: the file system's first one, when all
 * that can be removed is gone.
 */
export async function emptyFolder(folder: string): Promise<void> {
  const names = await readdir(folder, { encoding: "buffer" }).catch(() => [])
  const failures: unknown[] = []
  for (const name of names) {
    const path = Buffer.concat([Buffer.from(`${folder}/`), name])
    await removeTree(path).catch((error) => failures.push(error))
  }
  if (failures.length > 0) throw failures[0]
}
