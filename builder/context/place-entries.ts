import { chmodSync, closeSync, constants, fchmodSync, futimesSync, linkSync, lstatSync, lutimesSync, mkdirSync, openSync, rmSync, symlinkSync, utimesSync, writeSync } from "node:fs" // biome-ignore format: one list
import { checkLinks, escapes } from "./check-links.ts"
import { ContextError, quoteName } from "./context-error.ts"
import { entryPath } from "./entry-path.ts"
import type { TarEntry } from "./read-tar.ts"

const NEW_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW
/** No set-uid, set-gid and sticky bits. */
const MODE_BITS = 0o777
/** File system errors that a name in the archive causes; every other one is ours (a full disk, for example). */
const NAME_ERRORS = new Set(["ENAMETOOLONG", "EILSEQ", "EINVAL", "EPERM"])

/** Puts entries below a root, following the archive rules of triggers, "Security". Calls are synchronous except for reading bodies. */
export type Placer = {
  place(entry: TarEntry): Promise<void>
  /** Call once at the end: checks all links, then gives folders their modes and times. */
  finish(): void
}

/** `root` exists, is empty and ours alone. */
export function createPlacer(root: string): Placer {
  const folders = new Map<string, { mode: number; mtimeSeconds: number } | undefined>()
  const links = new Set<string>()

  function makeParents(parts: string[], name: string): void {
    for (let depth = 1; depth < parts.length; depth += 1) {
      const path = parts.slice(0, depth).join("/")
      if (folders.has(path)) continue
      const found = lstatSync(`${root}/${path}`, { throwIfNoEntry: false })
      if (found?.isSymbolicLink())
        throw new ContextError(
          `The source archive holds ${quoteName(name)}, which would be written through the link ${quoteName(path)}.`,
        )
      if (found !== undefined)
        throw new ContextError(
          `The source archive holds ${quoteName(name)} below ${quoteName(path)}, which is no directory.`,
        )
      mkdirSync(`${root}/${path}`, 0o755)
      folders.set(path, undefined)
    }
  }

  /** Of two entries with one name the last one wins (az-cli 6.1), also over a whole folder. */
  function clear(path: string): void {
    if (lstatSync(`${root}/${path}`, { throwIfNoEntry: false }) === undefined) return
    rmSync(`${root}/${path}`, { recursive: true, force: true })
    links.delete(path)
    if (!folders.has(path)) return
    for (const known of [...folders.keys()]) if (known === path || known.startsWith(`${path}/`)) folders.delete(known)
    for (const known of [...links]) if (known.startsWith(`${path}/`)) links.delete(known)
  }

  async function placeFile(path: string, entry: TarEntry): Promise<void> {
    clear(path)
    const file = openSync(`${root}/${path}`, NEW_FILE, 0o600)
    try {
      for await (const chunk of entry.body) {
        for (let written = 0; written < chunk.length; ) written += writeSync(file, chunk, written)
      }
      fchmodSync(file, entry.mode & MODE_BITS)
      futimesSync(file, entry.mtimeSeconds, entry.mtimeSeconds)
    } finally {
      closeSync(file)
    }
  }

  function placeFolder(path: string, entry: TarEntry): void {
    if (!folders.has(path)) {
      clear(path)
      mkdirSync(`${root}/${path}`, 0o755)
    }
    folders.set(path, { mode: entry.mode & MODE_BITS, mtimeSeconds: entry.mtimeSeconds })
  }

  function placeSymlink(path: string, entry: TarEntry): void {
    if (entry.linkName === "" || entry.linkName.includes("\0") || entry.linkName.startsWith("/")) throw escapes(path)
    clear(path)
    symlinkSync(entry.linkName, `${root}/${path}`)
    lutimesSync(`${root}/${path}`, entry.mtimeSeconds, entry.mtimeSeconds)
    links.add(path)
  }

  function placeHardLink(parts: string[], path: string, entry: TarEntry): void {
    const target = entryPath(entry.linkName)
    const targetPath = target.join("/")
    for (let depth = 1; depth < target.length; depth += 1) {
      if (!folders.has(target.slice(0, depth).join("/"))) throw missingTarget(entry)
    }
    // A second name for a symbolic link could point elsewhere from its new place.
    if (!lstatSync(`${root}/${targetPath}`, { throwIfNoEntry: false })?.isFile()) throw missingTarget(entry)
    if (targetPath === path) return
    makeParents(parts, entry.name)
    clear(path)
    linkSync(`${root}/${targetPath}`, `${root}/${path}`)
  }

  async function placeAt(parts: string[], entry: TarEntry): Promise<void> {
    const path = parts.join("/")
    if (entry.type === "hardlink") return placeHardLink(parts, path, entry)
    makeParents(parts, entry.name)
    if (entry.type === "file") await placeFile(path, entry)
    else if (entry.type === "directory") placeFolder(path, entry)
    else placeSymlink(path, entry)
  }

  return {
    async place(entry) {
      const parts = entryPath(entry.name)
      if (parts.length === 0) {
        if (entry.type === "directory") return
        throw new ContextError(
          `The source archive holds an entry that is no directory under the root's name, ${quoteName(entry.name)}.`,
        )
      }
      try {
        await placeAt(parts, entry)
      } catch (error) {
        throw isNameError(error)
          ? new ContextError(`The source archive holds a name that no file can have, ${quoteName(entry.name)}.`, {
              cause: error,
            })
          : error
      }
    },
    finish() {
      checkLinks(root, links)
      // Deepest first: a folder's time changes with its content, and a closed folder lets nobody in.
      for (const [path, facts] of [...folders].reverse().sort(([a], [b]) => depthOf(b) - depthOf(a))) {
        if (facts === undefined) continue
        utimesSync(`${root}/${path}`, facts.mtimeSeconds, facts.mtimeSeconds)
        chmodSync(`${root}/${path}`, facts.mode)
      }
    },
  }
}

function depthOf(path: string): number {
  return path.split("/").length
}

function missingTarget(entry: TarEntry): ContextError {
  return new ContextError(
    `The source archive holds a hard link to ${quoteName(entry.linkName)}, which is no earlier file of it, ${quoteName(entry.name)}.`,
  )
}

function isNameError(error: unknown): boolean {
  return error instanceof Error && "code" in error && NAME_ERRORS.has(String(error.code))
}
