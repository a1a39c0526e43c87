import { readdir, realpath, stat } from "node:fs/promises"
import { ContextError, quoteName } from "./context-error.ts"
import { nearNames } from "./near-names.ts"

/**
 * The folder `name` inside a repository, links resolved. Errors: ContextError when it is no directory of it, with the nearest names.
 */
export async function folderInside(root: string, name: string): Promise<string> {
  const parts = name.split("/").filter((part) => part !== "" && part !== ".")
  if (parts.length === 0) return root
  const base = await realpath(root)
  const path = await realpath(`${base}/${parts.join("/")}`).catch(() => undefined)
  if (path === undefined) {
    throw new ContextError(`The repository has no folder ${quoteName(name)}${await alternatives(base, parts)}.`)
  }
  const isInside = path === base || path.startsWith(`${base}/`)
  if (!isInside || path === `${base}/.git` || path.startsWith(`${base}/.git/`)) {
    throw new ContextError(`The folder ${quoteName(name)} leads out of the repository.`)
  }
  if (!(await stat(path)).isDirectory())
    throw new ContextError(`${quoteName(name)} is a file of the repository, no folder.`)
  return path
}

async function alternatives(base: string, parts: string[]): Promise<string> {
  const parent = parts.slice(0, -1).join("/")
  if (parts.includes("..")) return ""
  const entries = await readdir(`${base}/${parent}`, { withFileTypes: true }).catch(() => [])
  const folders = entries.flatMap((entry) => (entry.isDirectory() && entry.name !== ".git" ? [entry.name] : []))
  const near = nearNames(parts.at(-1) ?? "", folders)
  const shown = near.length > 0 ? near : folders.sort().slice(0, 5)
  if (shown.length === 0) return ""
  return `; there is ${shown.map((one) => quoteName(parent === "" ? one : `${parent}/${one}`)).join(", ")}`
}
