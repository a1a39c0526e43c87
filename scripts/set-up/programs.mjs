import { accessSync, constants, existsSync, realpathSync } from "node:fs"
import path from "node:path"

const SYSTEM_FOLDERS = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"]

/**
 * Absolute path of a program: on the search path or in the system's folders, which a user's path may lack.
 *
 * @param {string} name or an absolute path, which must exist
 * @returns {string | undefined}
 */
export function findProgram(name) {
  if (path.isAbsolute(name)) return existsSync(name) ? name : undefined
  return findPrograms(name)[0]
}

/**
 * All of that name, first found first: the first `docker` may be a client without an engine. Each once, though `/bin` is
 * `/usr/bin` and links abound.
 *
 * @param {string} name
 * @returns {string[]}
 */
export function findPrograms(name) {
  const folders = [...(process.env.PATH ?? "").split(":").filter((folder) => folder !== ""), ...SYSTEM_FOLDERS]
  const seen = new Set()
  return folders
    .map((folder) => path.join(folder, name))
    .filter((file) => {
      if (!isExecutable(file)) return false
      const real = realpathSync(file)
      return !seen.has(real) && seen.add(real)
    })
}

/** @param {string} file */
function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
