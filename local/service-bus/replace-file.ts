import { close, fdatasync, fsync, open, rename, rmSync, write } from "node:fs"
import path from "node:path"
import { promisify } from "node:util"

const openFile = promisify(open)
const closeFile = promisify(close)

/**
 * Replaces a file in one step that survives a crash at any moment: either the old content is there or the new.
 *
 * @returns a descriptor of the new file, open for appending
 */
export async function replaceFile(file: string, content: Buffer): Promise<number> {
  rmSync(`${file}.new`, { force: true })
  const fd = await openFile(`${file}.new`, "ax", 0o600)
  try {
    for (let at = 0; at < content.length; ) at += (await promisify(write)(fd, content, at)).bytesWritten
    await promisify(fdatasync)(fd)
    await promisify(rename)(`${file}.new`, file)
  } catch (error) {
    await closeFile(fd)
    throw error
  }
  const folder = await openFile(path.dirname(file), "r")
  await promisify(fsync)(folder)
  await closeFile(folder)
  return fd
}
