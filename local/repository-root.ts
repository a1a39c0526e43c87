import { existsSync } from "node:fs"
import path from "node:path"

/** Folder that holds package.json, found from this file upwards: the same from the sources and from a bundle in `dist/`. */
export function repositoryRoot(): string {
  let folder = import.meta.dirname
  while (!existsSync(path.join(folder, "package.json"))) {
    const parent = path.dirname(folder)
    if (parent === folder) throw new Error("package.json was not found above the local stack's files")
    folder = parent
  }
  return folder
}
