import { lstatSync, mkdirSync, readdirSync } from "node:fs"
import { ContextError, quoteName } from "./context-error.ts"

/**
 * Refuses a path below `root` that would be written through a link: everything above it must be a real directory. Ask right before
 * writing, since what came in before may have brought links. Errors: ContextError naming both.
 */
export function checkParents(root: string, path: string): void {
  for (const parent of parentsOf(path)) checkFolder(root, parent, path)
}

/** Makes the folder `path` below `root`, through real directories only; it may be there already if it is empty. Errors: ContextError. */
export function makeFolder(root: string, path: string): void {
  for (const part of [...parentsOf(path), path]) {
    if (lstatSync(`${root}/${part}`, { throwIfNoEntry: false }) === undefined) mkdirSync(`${root}/${part}`)
    checkFolder(root, part, path)
  }
  if (readdirSync(`${root}/${path}`).length === 0) return
  throw new ContextError(`The repository holds other files at ${quoteName(path)}, the place of a submodule.`)
}

function checkFolder(root: string, folder: string, path: string): void {
  const facts = lstatSync(`${root}/${folder}`, { throwIfNoEntry: false })
  if (facts?.isDirectory()) return
  const what = facts?.isSymbolicLink() ? `through the link ${quoteName(folder)}` : `below the file ${quoteName(folder)}`
  throw new ContextError(`The repository holds ${quoteName(path)}, which would be written ${what}.`)
}

function parentsOf(path: string): string[] {
  const parts = path.split("/")
  return parts.slice(1).map((_, at) => parts.slice(0, at + 1).join("/"))
}
