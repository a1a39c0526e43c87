import {
  close as closeFile,
  constants,
  fstat as fstatFile,
  open as openFile,
  read as readFile,
  write as writeFile,
} from "node:fs"
import { Socket } from "node:net"
import { join } from "node:path"
import type { Readable, Writable } from "node:stream"
import { setTimeout as delay } from "node:timers/promises"
import { promisify } from "node:util"

const open = promisify(openFile)
const close = promisify(closeFile)
const fstat = promisify(fstatFile)
const read = promisify(readFile)
const write = promisify<number, string, void>((file, text, done) => writeFile(file, text, (error) => done(error)))

/** One `docker …` of the shell: its arguments and its streams. Its input flows when it is asked for. */
export type DockerCall = { arguments: string[]; openStdin(): Promise<Readable>; stdout: Writable; stderr: Writable }
export type OpenCall = { call: DockerCall; end(code: number): Promise<void> }

/** Arguments of one call, in bytes; Linux takes about as much in all. */
const MAX_ARGUMENTS = 2 * 1024 * 1024
/** The shim has the other end of each pipe within a moment, or has been killed. */
const PATIENCE_MS = 10_000

/**
 * Opens the call that the shim has announced under its process id. What lies in the folder is the sandbox's to change, so each file is
 * opened without following a link and must be what it should be. Errors: any of that does not hold.
 */
export async function openCall(folder: string, processId: string): Promise<OpenCall> {
  const path = (name: string) => join(folder, `${processId}.${name}`)
  const list = await readArguments(path("args"))
  const end = await openPipe(path("end"), constants.O_RDWR)
  try {
    const stdout = await openWriter(path("out"))
    const stderr = await openWriter(path("err")).catch((error) => {
      stdout.destroy()
      throw error
    })
    return {
      call: {
        ...{ arguments: list, stdout, stderr },
        async openStdin() {
          await write(end, "stdin\n")
          return await openReader(path("in"))
        },
      },
      async end(code) {
        await Promise.all([ended(stdout), ended(stderr)])
        await write(end, `${code}\n`).finally(() => close(end))
      },
    }
  } catch (error) {
    await close(end)
    throw error
  }
}

async function readArguments(path: string): Promise<string[]> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    const facts = await fstat(file)
    if (!facts.isFile() || facts.size > MAX_ARGUMENTS)
      throw new Error("the arguments of a call are no file, or too many")
    const buffer = Buffer.alloc(facts.size)
    const { bytesRead } = await read(file, buffer, 0, facts.size, 0)
    return buffer.toString("utf8", 0, bytesRead).split("\0").slice(0, -1)
  } finally {
    await close(file)
  }
}

async function openPipe(path: string, flags: number): Promise<number> {
  const file = await open(path, flags | constants.O_NOFOLLOW)
  if ((await fstat(file)).isFIFO()) return file
  await close(file)
  throw new Error("a call's pipe is no pipe")
}

/** A pipe cannot be opened for writing before somebody reads it. */
async function openWriter(path: string): Promise<Socket> {
  const deadline = Date.now() + PATIENCE_MS
  for (;;) {
    try {
      const fd = await openPipe(path, constants.O_WRONLY | constants.O_NONBLOCK)
      // Who stops listening (`| head -1`) has his reasons.
      return new Socket({ fd, readable: false, writable: true }).on("error", () => {})
    } catch (error) {
      if (codeOf(error) !== "ENXIO" || Date.now() > deadline) throw error
      await delay(2)
    }
  }
}

/** A pipe that nobody writes to yet reads as one that has ended. */
async function openReader(path: string): Promise<Socket> {
  const fd = await openPipe(path, constants.O_RDONLY | constants.O_NONBLOCK)
  const deadline = Date.now() + PATIENCE_MS
  const first = Buffer.alloc(4096)
  for (;;) {
    const bytes = await read(fd, first, 0, first.length, null).then(
      ({ bytesRead }) => bytesRead,
      (error) => (codeOf(error) === "EAGAIN" ? undefined : 0),
    )
    if (bytes === 0 && Date.now() < deadline) {
      await delay(2)
      continue
    }
    const socket = new Socket({ fd, readable: true, writable: false })
    if (bytes !== undefined && bytes > 0) socket.unshift(first.subarray(0, bytes))
    return socket.on("error", () => {})
  }
}

/** Waits until the last byte is with the shell. */
function ended(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.destroyed) resolve()
    socket.once("close", () => resolve())
    socket.end()
  })
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code
}
