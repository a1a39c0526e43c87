import { constants } from "node:fs"
import { type FileHandle, mkdir, open, readlink, realpath, rm } from "node:fs/promises"
import { posix } from "node:path"
import { RunFailure } from "../failures/run-failure.ts"
import { hostPath, type Located } from "./host-path.ts"
import type { RunPlaces } from "./step-deps.ts"

/** Files that options name are read whole. */
const MAX_BYTES = 4 * 1024 * 1024

/**
 * Reads a file of the run that an option of a step names. Whoever can write into the workspace can swap what a path means after any
 * check of it: so it is opened once, without waiting for a pipe's other end, and what was opened is what is checked and read. Errors:
 * RunFailure when it is no file of the run, or too large.
 */
export async function readRunFile(text: string, step: Located, places: RunPlaces): Promise<Buffer> {
  const file = await openInside(await hostPath(text, step, places), constants.O_RDONLY, text, places)
  try {
    const facts = await file.stat()
    if (!facts.isFile()) throw new RunFailure("Failed", `"${text}" is no file`)
    if (facts.size > MAX_BYTES) throw new RunFailure("Failed", `"${text}" is larger than ${MAX_BYTES} bytes`)
    const buffer = Buffer.alloc(facts.size)
    const { bytesRead } = await file.read(buffer, 0, facts.size, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

/** Writes a new file of the run in place of whatever has its name, by the same rule. Errors: RunFailure, the file system's. */
export async function writeRunFile(text: string, content: string, step: Located, places: RunPlaces): Promise<void> {
  const folder = await hostPath(posix.dirname(text), step, places)
  const handle = await openInside(folder, constants.O_RDONLY | constants.O_DIRECTORY, text, places)
  try {
    const path = `/proc/self/fd/${handle.fd}/${posix.basename(text)}`
    await rm(path, { force: true })
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW
    const file = await open(path, flags, 0o644)
    await file.writeFile(content).finally(() => file.close())
  } finally {
    await handle.close()
  }
}

async function openInside(path: string, flags: number, shown: string, places: RunPlaces): Promise<FileHandle> {
  const failure = new RunFailure("Failed", `"${shown}" cannot be opened in the run's folders`)
  const file = await open(path, flags | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(() => {
    throw failure
  })
  const opened = await readlink(`/proc/self/fd/${file.fd}`).catch(() => "")
  const roots = await Promise.all([places.workspace, places.home, places.volumes].map((root) => realpath(root)))
  if (roots.some((root) => opened === root || opened.startsWith(`${root}/`))) return file
  await file.close()
  throw failure
}

/** A folder for files that engines read by path: nobody but us can change it. */
export async function privateFolder({ temporary }: RunPlaces): Promise<string> {
  await mkdir(temporary, { recursive: true, mode: 0o700 })
  return temporary
}
