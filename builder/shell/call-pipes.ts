import { close as closeFile, constants, fstat as fstatFile, open as openFile, read as readFile } from "node:fs"
import { Socket } from "node:net"
import { setTimeout as delay } from "node:timers/promises"
import { promisify } from "node:util"

const open = promisify(openFile)
const fstat = promisify(fstatFile)
const read = promisify(readFile)
export const close = promisify(closeFile)

/** The shim has the other end of each pipe within a moment, or has been killed. */
const PATIENCE_MS = 10_000
const FIRST_PAUSE_MS = 2
const LAST_PAUSE_MS = 100

/**
 * Opens a file of a call. Its folder is the sandbox's to change: no link is followed, and neither this nor what is done with the
 * descriptor later waits for a pipe's other end, since that would take a thread of the builder for as long as the sandbox likes.
 */
export async function openForeign(path: string, flags: number): Promise<number> {
  return await open(path, flags | constants.O_NOFOLLOW | constants.O_NONBLOCK)
}

/** Errors: there is no pipe; ENXIO when it is opened for writing and nobody reads it. */
export async function openPipe(path: string, flags: number): Promise<number> {
  const file = await openForeign(path, flags)
  if ((await fstat(file)).isFIFO()) return file
  await close(file)
  throw new Error("a call's pipe is no pipe")
}

/** A pipe cannot be opened for writing before somebody reads it. Errors: nobody does in time; the signal's reason. */
export async function openWriter(path: string, signal: AbortSignal): Promise<Socket> {
  for (const pause = createPause(signal); ; ) {
    try {
      const fd = await openPipe(path, constants.O_WRONLY)
      // Who stops listening (`| head -1`) has his reasons.
      return new Socket({ fd, readable: false, writable: true }).on("error", () => {})
    } catch (error) {
      if (codeOf(error) !== "ENXIO" || !(await pause())) throw error
    }
  }
}

/** A pipe that nobody writes to yet reads as one that has ended. Errors: the signal's reason. */
export async function openReader(path: string, signal: AbortSignal): Promise<Socket> {
  const fd = await openPipe(path, constants.O_RDONLY)
  try {
    const first = Buffer.alloc(4096)
    for (const pause = createPause(signal); ; ) {
      const bytes = await read(fd, first, 0, first.length, null).then(
        ({ bytesRead }) => bytesRead,
        (error) => (codeOf(error) === "EAGAIN" ? undefined : 0),
      )
      if (bytes === 0 && (await pause())) continue
      const socket = new Socket({ fd, readable: true, writable: false })
      if (bytes !== undefined && bytes > 0) socket.unshift(first.subarray(0, bytes))
      return socket.on("error", () => {})
    }
  } catch (error) {
    await close(fd)
    throw error
  }
}

/** Pauses get longer; false when patience has ended. */
function createPause(signal: AbortSignal): () => Promise<boolean> {
  const deadline = Date.now() + PATIENCE_MS
  let pauseMs = FIRST_PAUSE_MS
  return async () => {
    if (Date.now() > deadline) return false
    await delay(pauseMs, undefined, { signal })
    pauseMs = Math.min(pauseMs * 2, LAST_PAUSE_MS)
    return true
  }
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code
}
