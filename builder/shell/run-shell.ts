import { spawn } from "node:child_process"
import { chmod, mkdir, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { createInterface } from "node:readline"
import type { Readable, Writable } from "node:stream"
import { type DockerCall, openCall } from "./docker-calls.ts"
import { CALLS_DESCRIPTOR, DOCKER_SHIM } from "./docker-shim.ts"
import { type SandboxPrograms, sandboxCall, sandboxStdio, scriptText } from "./sandbox.ts"

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
 * means here, and its calls of `docker` come to `onDocker`. Errors: the sandbox cannot be started; what `onDocker` throws.
 */
export async function runShell(options: ShellOptions): Promise<number> {
  const { programs, workspaceFolder, folder, userId, signal } = options
  await mkdir(folder, { mode: 0o700 })
  try {
    await writeFile(join(folder, "script"), scriptText(options.env, options.command, options.text), { mode: 0o644 })
    await writeFile(join(folder, "docker"), DOCKER_SHIM)
    await chmod(join(folder, "docker"), 0o755)
    const { command, args } = sandboxCall({ programs, workspaceFolder, shimFolder: folder, userId })
    return await serve(command, args, options)
  } finally {
    if (signal.aborted) await new Promise((resolve) => setImmediate(resolve))
    await rm(folder, { recursive: true, force: true })
  }
}

function serve(command: string, args: string[], options: ShellOptions): Promise<number> {
  const { folder, signal, stdout, stderr, onDocker } = options
  const isOver = new AbortController()
  const calls = new Set<Promise<void>>()
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: sandboxStdio(), env: {}, detached: true })
    const kill = () => {
      if (child.pid !== undefined) killGroup(child.pid)
    }
    let failure: unknown

    async function answer(processId: string): Promise<void> {
      const { call, end } = await openCall(folder, processId)
      let code = 125
      try {
        code = await onDocker(call, isOver.signal)
      } catch (error) {
        failure ??= error
        kill()
      }
      await end(code)
    }

    for (const [at, sink] of [
      [1, stdout],
      [2, stderr],
    ] as const) {
      ;(child.stdio[at] as Readable).on("data", (chunk: Buffer) => sink.write(chunk))
    }
    // Whatever else the sandbox writes there is no call.
    const announced = createInterface({ input: child.stdio[CALLS_DESCRIPTOR as 4] as unknown as Readable })
    announced.on("line", (line) => {
      if (!/^\d{1,10}$/.test(line)) return
      const call = answer(line).catch((error) =>
        stderr.write(`docker: ${error instanceof Error ? error.message : error}\n`),
      )
      const settled: Promise<void> = call.then(() => void calls.delete(settled))
      calls.add(settled)
    })
    signal.addEventListener("abort", kill)
    if (signal.aborted) kill()
    child.once("error", (error) => reject(new Error(`the shell cannot be started: ${error.message}`, { cause: error })))
    child.once("close", (exitCode) => {
      signal.removeEventListener("abort", kill)
      isOver.abort()
      void Promise.all(calls).then(() => (failure === undefined ? resolve(exitCode ?? 137) : reject(failure)))
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
