import { readFileSync } from "node:fs"

/**
 * @typedef {object} System
 * @property {"debian" | "ubuntu"} id
 * @property {string} name for people: "Debian GNU/Linux 12 (bookworm)"
 * @property {string} codename "bookworm"
 */

/** Releases that set-up installs on. All others get a list of what to install. */
const SUPPORTED = { debian: ["bookworm", "trixie"], ubuntu: ["jammy", "noble", "resolute"] }

/**
 * Reads `os-release` (os-release 5): one assignment a line, values quoted as in a shell.
 *
 * @param {string} text
 * @returns {Record<string, string>}
 */
export function parseOsRelease(text) {
  /** @type {Record<string, string>} */
  const values = {}
  for (const line of text.split("\n")) {
    const match = /^([A-Z0-9_]+)=(.*)$/.exec(line.trim())
    if (match === null) continue
    const [, name = "", raw = ""] = match
    const quoted = /^(["'])(.*)\1$/.exec(raw)
    values[name] = quoted === null ? raw : (quoted[2] ?? "").replace(/\\(["'$`\\])/g, "$1")
  }
  return values
}

/**
 * @param {Record<string, string>} osRelease
 * @returns {System | undefined} nothing for a system that set-up does not know
 */
export function supportedSystem(osRelease) {
  const { ID: id, VERSION_CODENAME: codename = "", PRETTY_NAME: name = codename } = osRelease
  if (id !== "debian" && id !== "ubuntu") return undefined
  return SUPPORTED[id].includes(codename) ? { id, name, codename } : undefined
}

/** @returns {Record<string, string>} */
export function readOsRelease() {
  for (const file of ["/etc/os-release", "/usr/lib/os-release"]) {
    try {
      return parseOsRelease(readFileSync(file, "utf8"))
    } catch {
      // The other one then; without any, the system is unknown.
    }
  }
  return {}
}
