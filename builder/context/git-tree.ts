import type { RunSpec } from "../../shared/builders/run-spec.ts"
import { checkTreePaths } from "./check-tree-paths.ts"
import { ContextError } from "./context-error.ts"
import type { RemoteGit } from "./git-connection.ts"

/** What a commit holds that needs a second look; paths are relative to its root. */
export type GitTree = {
  links: string[]
  modules: { path: string; commit: string }[]
  /** Some file may be a pointer to a large one, or anything else that attributes say. */
  hasAttributes: boolean
  entries: number
  bytes: number
}

/**
 * Lists the files of a commit before any of them is written. Errors: ContextError when there are more entries or bytes than allowed,
 * or when they cannot all be there.
 * `used`: what other repositories of the same source have taken of the limits.
 */
export async function readGitTree(
  git: RemoteGit,
  commit: string,
  limits: RunSpec["contextLimits"],
  used: { entries: number; bytes: number },
): Promise<GitTree> {
  // A tree that names itself many times over is small and unpacks to anything.
  let listed = used.entries
  const onOutput = (piece: Buffer) => {
    for (const byte of piece) if (byte === 0) listed += 1
    return listed <= limits.maxEntries
  }
  const { exitCode, stdout } = await git.run(["ls-tree", "-r", "-l", "-z", commit], { onOutput })
  if (listed > limits.maxEntries) {
    throw new ContextError(`The repository holds more than ${limits.maxEntries} entries, the limit.`)
  }
  if (exitCode !== 0) throw new ContextError("The repository is damaged: the files of its commit cannot be listed.")
  const tree: GitTree = { links: [], modules: [], hasAttributes: false, entries: listed, bytes: used.bytes }
  const paths: string[] = []
  for (const line of stdout.split("\0")) {
    const match = /^(\d+) \w+ ([0-9a-f]+) +(-|\d+)\t(.*)$/s.exec(line)
    if (match === null) continue
    const [, mode, id = "", size = "", path = ""] = match
    paths.push(path)
    tree.bytes += Number(size) || 0
    if (/(?:^|\/)\.gitattributes$/.test(path)) tree.hasAttributes = true
    if (mode === "120000") tree.links.push(path)
    if (mode === "160000") tree.modules.push({ path, commit: id })
  }
  if (tree.bytes > limits.maxBytes) {
    throw new ContextError(`The repository holds more than ${limits.maxBytes} bytes, the limit.`)
  }
  checkTreePaths(paths, [...tree.links, ...tree.modules.map((module) => module.path)])
  return tree
}
