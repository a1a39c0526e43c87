import { constants } from "node:fs"
import { chmod, type FileHandle, open, readdir, rmdir, unlink } from "node:fs/promises"

/** Who still writes into a folder makes a pass fail; what is left after the last is told. */
const MAX_PASSES = 3
/** Files removed at once. */
const BATCH = 64

const FOLDER = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW
/** Linux's O_PATH, which Node does not name: opens what is there whatever its mode forbids. */
const HANDLE_ONLY = 0o10000000

/** A folder above the open one. It is not held open, so that no depth takes more than two handles. */
type Above = { identity: string; folders: Buffer[]; below: Buffer }
type Note = (error: unknown) => undefined

/**
 * Removes a file, a link, or a folder with all that is in it; it is fine when nothing is there. A container may write into the folder
 * meanwhile and swap its parts for links: what those lead to is not touched, for every name is taken from an opened folder and none is
 * followed. Only the folders above `path` must be ours alone. Linux only (`/proc/self/fd`). Errors: the file system's first one, when
 * all that can be removed is gone.
 */
export async function removeTree(path: string | Buffer): Promise<void> {
  for (let pass = 1; ; pass += 1) {
    try {
      return await removeOnce(path)
    } catch (error) {
      if (pass === MAX_PASSES) throw error
    }
  }
}

async function removeOnce(path: string | Buffer): Promise<void> {
  if (await removeFile(path)) return
  const root = await openFolder(path)
  if (root === undefined) return
  await emptyOpened(root)
  await removeEmpty(path)
}

/** Closes the folder. */
async function emptyOpened(root: FileHandle): Promise<void> {
  const failures: unknown[] = []
  const note: Note = (error) => {
    if (failures.length === 0) failures.push(error)
  }
  const above: Above[] = []
  let here = root
  const go = async (to: FileHandle) => {
    const left = here
    here = to
    await left.close()
  }
  try {
    let folders = await removeFiles(here, note)
    for (;;) {
      const below = folders.pop()
      if (below !== undefined) {
        const opened = await openFolder(inside(here, below)).catch(note)
        if (opened === undefined) continue
        above.push({ identity: await identityOf(here), folders, below })
        await go(opened)
        folders = await removeFiles(here, note)
        continue
      }
      const parent = above.pop()
      if (parent === undefined) break
      await go(await open(inside(here, ".."), FOLDER))
      // Whoever has moved the folder meanwhile does not choose where this goes on.
      if ((await identityOf(here)) !== parent.identity) throw new Error("a folder was moved while it was removed")
      await removeEmpty(inside(here, parent.below)).catch(note)
      folders = parent.folders
    }
  } finally {
    await here.close()
  }
  if (failures.length > 0) throw failures[0]
}

/** Removes what is no folder, and returns the names of the folders. Names are bytes: they need not be UTF-8. */
async function removeFiles(folder: FileHandle, note: Note): Promise<Buffer[]> {
  const names = await readdir(`/proc/self/fd/${folder.fd}`, { encoding: "buffer" }).catch(note)
  const folders: Buffer[] = []
  for (let at = 0; names !== undefined && at < names.length; at += BATCH) {
    await Promise.all(
      names.slice(at, at + BATCH).map(async (name) => {
        if ((await removeFile(inside(folder, name)).catch(note)) === false) folders.push(name)
      }),
    )
  }
  return folders
}

/** False when it is a folder. */
async function removeFile(path: string | Buffer): Promise<boolean> {
  try {
    await unlink(path)
    return true
  } catch (error) {
    if (codeOf(error) === "EISDIR") return false
    if (codeOf(error) === "ENOENT") return true
    throw error
  }
}

async function removeEmpty(path: string | Buffer): Promise<void> {
  await rmdir(path).catch((error) => {
    if (codeOf(error) !== "ENOENT") throw error
  })
}

/** Opens a folder so that its owner may empty it. Undefined when it is gone. Errors: it is no folder any more. */
async function openFolder(path: string | Buffer): Promise<FileHandle | undefined> {
  try {
    const folder = await open(path, FOLDER).catch(async (error) => {
      if (codeOf(error) !== "EACCES") throw error
      await unlock(path)
      return await open(path, FOLDER)
    })
    const { mode } = await folder.stat()
    if ((mode & 0o700) !== 0o700) await folder.chmod(0o700).catch(() => undefined)
    return folder
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined
    throw error
  }
}

/** chmod by a path would follow a link that has taken the folder's place. */
async function unlock(path: string | Buffer): Promise<void> {
  const folder = await open(path, FOLDER | HANDLE_ONLY)
  await chmod(`/proc/self/fd/${folder.fd}`, 0o700).finally(() => folder.close())
}

function inside(folder: FileHandle, name: string | Buffer): Buffer {
  return Buffer.concat([Buffer.from(`/proc/self/fd/${folder.fd}/`), Buffer.from(name)])
}

async function identityOf(folder: FileHandle): Promise<string> {
  const { dev, ino } = await folder.stat({ bigint: true })
  return `${dev}:${ino}`
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code
}
