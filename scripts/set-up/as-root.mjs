import { findProgram } from "./programs.mjs"
import { run, SetUpError } from "./run.mjs"

/** @returns {boolean} */
export function isRoot() {
  return process.getuid?.() === 0
}

/**
 * Puts sudo before a command where we are not root.
 *
 * @param {string} command
 * @param {string[]} args
 * @returns {{ command: string, args: string[] }}
 */
export function asRoot(command, args) {
  return isRoot() ? { command, args } : { command: "sudo", args: ["-n", command, ...args] }
}

/**
 * @param {string[]} packages what would be installed
 * @throws {SetUpError} where we are not root and sudo would ask for a password
 */
export function requireRoot(packages) {
  if (isRoot()) return
  const install = `apt-get install --no-install-recommends ${packages.join(" ")}`
  if (findProgram("sudo") === undefined) {
    throw new SetUpError(`This needs root and there is no sudo. Run as root: ${install}`)
  }
  if (!run("sudo", ["-n", "true"]).isOk) {
    throw new SetUpError(`This needs root and sudo asks for a password. Run "sudo -v" first, or: sudo ${install}`)
  }
}
