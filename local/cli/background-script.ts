import { existsSync } from "node:fs"
import path from "node:path"
import { repositoryRoot } from "../repository-root.ts"

/**
 * What runs in the background for a command of ours: its bundle where there is one. Type stripping keeps 40 MB for as long as
 * the stack runs, and starts a third of a second later.
 */
export function backgroundScript(script: string, root = repositoryRoot()): string {
  if (path.dirname(script) !== path.join(root, "local", "cli")) return script
  const bundle = path.join(root, "dist", "local", `cli-${path.basename(script, ".ts")}.mjs`)
  return existsSync(bundle) ? bundle : script
}
