import { existsSync } from "node:fs"
import path from "node:path"
import { repositoryRoot } from "./repository-root.ts"

/**
 * How to start a part with this very Node: its bundle `dist/local/<folder>.mjs` where there is one (a bundle loads in a
 * fraction of the time), else its source, run by type stripping.
 *
 * @param folder the part's folder in `local/`
 * @param mainFile its entry, relative to that folder
 */
export function partCommand(folder: string, mainFile = "main.ts"): { command: string; args: string[] } {
  const root = repositoryRoot()
  const bundle = path.join(root, "dist", "local", `${folder}.mjs`)
  const source = path.join(root, "local", folder, mainFile)
  return {
    command: process.execPath,
    args: ["--disable-warning=ExperimentalWarning", existsSync(bundle) ? bundle : source],
  }
}
