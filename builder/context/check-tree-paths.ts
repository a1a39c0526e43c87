import { ContextError, quoteName } from "./context-error.ts"

/** Parts of a path that no file of a repository has: nothing, `.`, `..` and `.git`. */
const NO_NAME = /(?:^|\/)(?:\.{0,2}|\.git)(?:\/|$)/i

/**
 * Refuses a commit whose files cannot all be there as listed: two of one name, one below a link or a submodule, names that lead
 * elsewhere. git writes no such tree and refuses one that arrives in a pack, but takes it from a server of single files. What differs
 * in case only is no conflict here: whether it is one, the file system says when a folder is made. Errors: ContextError naming the
 * path.
 */
export function checkTreePaths(paths: readonly string[], closed: readonly string[]): void {
  const seen = new Set<string>()
  const ends = new Set(closed)
  for (const path of paths) {
    if (NO_NAME.test(path)) {
      throw new ContextError(`The repository is malformed: it holds ${quoteName(path)}, which is no name of a file.`)
    }
    if (seen.has(path)) throw new ContextError(`The repository is malformed: it holds ${quoteName(path)} twice.`)
    seen.add(path)
    if (ends.size === 0) continue
    for (let slash = path.indexOf("/"); slash >= 0; slash = path.indexOf("/", slash + 1)) {
      const parent = path.slice(0, slash)
      if (!ends.has(parent)) continue
      throw new ContextError(
        `The repository is malformed: it holds ${quoteName(path)} below ${quoteName(parent)}, a link or a submodule.`,
      )
    }
  }
}
