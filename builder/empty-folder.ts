import { chmod, lstat, readdir, rm } from "node:fs/promises"

/** Removes everything in a folder but not the folder. Folders that lock their owner out (mode 0) are opened first. */
export async function emptyFolder(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => [])
  for (const name of names) {
    const path = `${folder}/${name}`
    try {
      await rm(path, { recursive: true, force: true })
    } catch {
      await unlock(path)
      await rm(path, { recursive: true, force: true, maxRetries: 3 })
    }
  }
}

async function unlock(path: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined)
  if (!found?.isDirectory()) return
  await chmod(path, 0o700)
  for (const name of await readdir(path)) await unlock(`${path}/${name}`)
}
