import { constants, fstat as fstatFile, read as readFile, write as writeFile } from "node:fs"
import type { Socket } from "node:net"
import { join } from "node:path"
import type { Readable, Writable } from "node:stream"
import { promisify } from "node:util"
import { RunFailure } from "../failures/run-failure.ts"
import { close, openForeign, openPipe, openReader, openWriter } from "./call-pipes.ts"

const fstat = promisify(fstatFile)
const read = promisify(readFile)
const write = promisify(writeFile)

/** One `docker …` of the shell: its arguments and its streams. Its input flows when it is asked for. */
export type DockerCall = { arguments: string[]; openStdin(): Promise<Readable>; stdout: Writable; stderr: Writable }
export type OpenCall = {
  call: DockerCall
  /** Waits until the shell has all output, then tells it the exit code. Errors: RunFailure when it does not listen. */
  end(code: number): Promise<void>
}

/** Arguments of one call, in bytes; Linux takes about as much in all. */
const MAX_ARGUMENTS = 2 * 1024 * 1024

/**
 * Opens the call that the shim has announced under its process id; the signal closes its streams, whoever still reads or writes them.
 * What lies in the folder is the sandbox's to change, so each file must be what it should be. Errors: one is not; the signal's reason.
 */
export async function openCall(folder: string, processId: string, signal: AbortSignal): Promise<OpenCall> {
  const path = (name: string) => join(folder, `${processId}.${name}`)
  const list = await readArguments(path("args"))
  const end = await openPipe(path("end"), constants.O_RDWR)
  const streams: Socket[] = []
  const drop = () => {
    for (const stream of streams) stream.destroy()
  }
  const take = (stream: Socket) => {
    streams.push(stream)
    if (signal.aborted) stream.destroy()
    return stream
  }
  const release = async () => {
    signal.removeEventListener("abort", drop)
    drop()
    await close(end)
  }
  signal.addEventListener("abort", drop)
  try {
    const stdout = take(await openWriter(path("out"), signal))
    const stderr = take(await openWriter(path("err"), signal))
    return {
      call: {
        ...{ arguments: list, stdout, stderr },
        async openStdin() {
          await tell(end, "stdin")
          return take(await openReader(path("in"), signal))
        },
      },
      async end(code) {
        await Promise.all([ended(stdout), ended(stderr)])
        await tell(end, `${code}`).finally(release)
      },
    }
  } catch (error) {
    await release()
    throw error
  }
}

/** Ends a call that could not be opened. Errors: its shim cannot be told. */
export async function refuseCall(folder: string, processId: string): Promise<void> {
  const end = await openPipe(join(folder, `${processId}.end`), constants.O_RDWR)
  await tell(end, "refused").finally(() => close(end))
}

async function readArguments(path: string): Promise<string[]> {
  const file = await openForeign(path, constants.O_RDONLY)
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

/** A word is less than a pipe takes at once: it is there whole, or the pipe is full and nobody reads it. */
async function tell(end: number, word: string): Promise<void> {
  try {
    await write(end, Buffer.from(`${word}\n`))
  } catch (cause) {
    throw new RunFailure("Failed", "a call of docker by the text does not listen for its end", { cause })
  }
}

/** Waits until the last byte is with the shell. */
function ended(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.destroyed) return resolve()
    socket.once("close", () => resolve())
    socket.end()
  })
}
