import { lstatSync, readlinkSync } from "node:fs"
import { ContextError, quoteName } from "./context-error.ts"

/** As many links in a row as Linux itself follows. */
const MAX_HOPS = 40

/**
 * Refuses every symbolic link that leaves the root at any point of its resolution, also by way of other links: `d -> .` and
 * `x -> d/..` together point outside although each by itself looks harmless. Run it when all entries are in place. `links` are paths
 * relative to the root, `holder` is what they came in. Errors: ContextError naming the link.
 */
export function checkLinks(root: string, links: Iterable<string>, holder = "source archive"): void {
  for (const link of links) {
    if (!staysInside(root, link.split("/"))) throw escapes(link, holder)
  }
}

/** The error for a link that points out of the root. */
export function escapes(link: string, holder = "source archive"): ContextError {
  return new ContextError(`The ${holder} holds a link that points out of it, ${quoteName(link)}.`)
}

function staysInside(root: string, path: string[]): boolean {
  const pending = path
  const reached: string[] = []
  for (let hops = 0; pending.length > 0; ) {
    const part = pending.shift()
    if (part === undefined || part === "" || part === ".") continue
    if (part === "..") {
      if (reached.pop() === undefined) return false
      continue
    }
    const here = `${root}/${[...reached, part].join("/")}`
    if (!lstatSync(here, { throwIfNoEntry: false })?.isSymbolicLink()) {
      reached.push(part)
      continue
    }
    hops += 1
    // A loop resolves to nothing, so it leads nowhere either.
    if (hops > MAX_HOPS) return true
    const target = readlinkSync(here)
    if (target.startsWith("/")) return false
    pending.unshift(...target.split("/"))
  }
  return true
}
