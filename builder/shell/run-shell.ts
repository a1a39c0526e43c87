import { spawn } from "node:child_process"
import { chmod, mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import type { Readable, Writable } from "node:stream"
import { removeTree } from "../remove-tree.ts"
import { answerCalls, SETTLE_MS } from "./answer-calls.ts"
import type { DockerCall } from "./docker-calls.ts"
import { CALLS_DESCRIPTOR, DOCKER_SHIM } from "./docker-shim.ts"
import { createLineReader } from "./line-reader.ts"
import { type SandboxPrograms, sandboxCall, sandboxStdio, scriptText } from "./sandbox.ts"

/** A process id and its line end have less. */
const MAX_LINE_BYTES = 12

export type ShellOptions = {
  programs: SandboxPrograms
  workspaceFolder: string
  /** Made for this shell and removed after it; nobody but us can reach into it. */
  folder: string
  userId: number | undefined
  /** `NAME=value`. */
  env: readonly string[]
  /** What stands in front of the text: `run`, or `build`. */
  command: "run" | "build"
  text: string
  stdout: Writable
  stderr: Writable
  /** Runs one `docker …` and returns its exit code. The signal ends it when the shell has. */
  onDocker(call: DockerCall, signal: AbortSignal): Promise<number>
  signal: AbortSignal
}

/**
 * Runs `docker <command> <text>` in a sandboxed shell to its end and returns the exit code: what the user's text means to `/bin/sh`, it
 * means here, and its calls of `docker` come to `onDocker`. Errors: the sandbox cannot be started; what `onDocker` throws; RunFailure for
 * a text that calls `docker` too often, or by other ways than the shim's.
 */
export async function runShell(options: ShellOptions): Promise<number> {
  const { programs, workspaceFolder, folder, userId } = options
  await mkdir(folder, { mode: 0o700 })
  try {
    await writeFile(join(folder, "script"), scriptText(options.env, options.command, options.text), { mode: 0o644 })
    await writeFile(join(folder, "docker"), DOCKER_SHIM)
    await chmod(join(folder, "docker"), 0o755)
    const { command, args } = sandboxCall({ programs, workspaceFolder, shimFolder: folder, userId })
    return await serve(command, args, options)
  } finally {
    await removeTree(folder)
  }
}

function serve(command: string, args: string[], options: ShellOptions): Promise<number> {
  const { folder, signal, stdout, stderr, onDocker } = options
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: sandboxStdio(), env: {}, detached: true })
    const streamAt = (at: number) => child.stdio[at] as Readable
    const announced = streamAt(CALLS_DESCRIPTOR)
    let failure: unknown
    let patience: NodeJS.Timeout | undefined

    function kill(): void {
      if (child.pid !== undefined) killGroup(child.pid)
      // Nothing of the sandbox is left to write, but who reads its output may be as slow as he likes.
      patience ??= setTimeout(() => {
        for (const at of [1, 2]) streamAt(at).destroy()
      }, SETTLE_MS)
      announced.destroy()
    }
    const calls = answerCalls({
      ...{ folder, onDocker },
      fail(error) {
        failure ??= error
        kill()
      },
    })
    function stop(): void {
      clearTimeout(patience)
      signal.removeEventListener("abort", kill)
    }

    streamAt(1).pipe(stdout, { end: false })
    streamAt(2).pipe(stderr, { end: false })
    announced.on("error", () => {})
    announced.on("data", createLineReader(MAX_LINE_BYTES, calls.announce))
    signal.addEventListener("abort", kill)
    if (signal.aborted) kill()
    child.once("error", (error) => {
      stop()
      reject(new Error(`the shell cannot be started: ${error.message}`, { cause: error }))
    })
    child.once("close", (exitCode) => {
      stop()
      void calls.close().then(() => (failure === undefined ? resolve(exitCode ?? 137) : reject(failure)))
    })
  })
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL")
  } catch {
    // It has ended in this very moment.
  }
}
