import { existsSync, statSync } from "node:fs"
import path from "node:path"
import { run, SetUpError } from "./run.mjs"

/**
 * True when `node_modules` is missing or older than the lockfile: npm writes its own lockfile there at the end of each install.
 *
 * @param {string} root
 */
export function needsNpmInstall(root) {
  const installed = path.join(root, "node_modules", ".package-lock.json")
  return !existsSync(installed) || statSync(installed).mtimeMs < statSync(path.join(root, "package-lock.json")).mtimeMs
}

/** @param {string} root */
export function npmInstall(root) {
  const result = run("npm", ["ci", "--no-audit", "--no-fund"], { cwd: root })
  if (!result.isOk) throw new SetUpError(`npm ci failed:\n${result.stderr.trim()}`)
}
