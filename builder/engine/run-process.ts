import { type ChildProcessByStdio, spawn } from "node:child_process"
import type { Readable, Writable } from "node:stream"
import type { OnLine } from "./engine.ts"
import { EngineError } from "./engine-error.ts"
import { createLineSplitter } from "./line-splitter.ts"

/** One call of a program: no shell, and no value of a build argument or password in `args` (contracts, "Secrets and processes"). */
export type Invocation = {
  command: string
  args: string[]
  /** Added to the runner's environment. */
  env?: Record<string, string>
  /** Given on standard input, which is otherwise empty. */
  input?: string | Buffer
  folder?: string
  timeoutMs?: number
  /** Kills the program with its group. */
  signal?: AbortSignal | undefined
}

/** Where a program's streams lead. `stdin` is empty when it is not given. */
export type Streams = { stdin?: Readable | undefined; stdout: Writable; stderr: Writable }

/** `exitCode` is undefined when a signal ended the program. */
export type ProcessResult = { exitCode: number | undefined; signal: string | undefined }
type Child = ChildProcessByStdio<Writable, Readable, Readable>

/**
 * Starts programs in process groups of their own, in an environment that holds nothing but `env`, and ends all of them
 * with {@link ProcessRunner.abort}. `wrap` may put the call into a launcher such as `setpriv --pdeathsig KILL`.
 */
export function createProcessRunner(options: {
  env: Record<string, string>
  wrap(call: Pick<Invocation, "command" | "args">): Pick<Invocation, "command" | "args">
}) {
  const children = new Set<Child>()
  let isAborted = false

  /** `connect` leads the streams somewhere and returns what is to be done when both have ended. */
  function start(invocation: Invocation, connect: (child: Child) => () => void): Promise<ProcessResult> {
    if (isAborted) return Promise.reject(aborted())
    const { command, args } = options.wrap(invocation)
    return new Promise((resolve, reject) => {
      const child: Child = spawn(command, args, {
        cwd: invocation.folder,
        env: { ...options.env, ...invocation.env },
        stdio: ["pipe", "pipe", "pipe"],
        detached: true,
      })
      children.add(child)
      const { timeoutMs, signal: stopSignal } = invocation
      const timer = timeoutMs === undefined ? undefined : setTimeout(() => killGroup(child), timeoutMs)
      const kill = () => killGroup(child)
      stopSignal?.addEventListener("abort", kill)
      if (stopSignal?.aborted) kill()
      // A program that ends without reading its input is no failure of ours.
      child.stdin.on("error", () => {})
      const finish = connect(child)

      const end = () => {
        children.delete(child)
        clearTimeout(timer)
        stopSignal?.removeEventListener("abort", kill)
      }
      child.once("error", (error) => {
        end()
        reject(new EngineError("EngineUnavailable", `cannot run ${invocation.command}: ${error.message}`, error))
      })
      // After an abort `exit` is enough: what it left behind may hold the pipes open.
      child.once("exit", () => {
        if (!isAborted) return
        end()
        reject(aborted())
      })
      child.once("close", (exitCode, signal) => {
        end()
        finish()
        resolve({ exitCode: exitCode ?? undefined, signal: signal ?? undefined })
      })
    })
  }

  return {
    /** Runs a program to its end and hands out what it prints, line by line. */
    run: (invocation: Invocation, onLine: OnLine): Promise<ProcessResult> =>
      start(invocation, (child) => {
        const stdout = createLineSplitter((line, isPiece) => onLine(line, "stdout", isPiece))
        const stderr = createLineSplitter((line, isPiece) => onLine(line, "stderr", isPiece))
        child.stdout.on("data", (chunk: Buffer) => stdout.write(chunk))
        child.stderr.on("data", (chunk: Buffer) => stderr.write(chunk))
        child.stdin.end(invocation.input ?? "")
        return () => {
          stdout.end()
          stderr.end()
        }
      }),

    /** Runs a program to its end between streams of the caller's; `onError` sees what goes to stderr. They stay open; one that breaks ends the program's own. */
    pipe: (
      invocation: Invocation,
      streams: Streams,
      onError: (chunk: Buffer) => void = () => {},
    ): Promise<ProcessResult> =>
      start(invocation, (child) => {
        child.stderr.on("data", onError)
        for (const name of ["stdout", "stderr"] as const) {
          streams[name].on("error", () => child[name].destroy())
          streams[name].once("close", () => child[name].destroy())
          child[name].pipe(streams[name], { end: false })
        }
        if (streams.stdin === undefined) child.stdin.end()
        else streams.stdin.on("error", () => child.stdin.end()).pipe(child.stdin)
        return () => streams.stdin?.destroy()
      }),

    get isAborted() {
      return isAborted
    },
    /** Kills every running program with its group; later calls reject as well. */
    abort(): void {
      isAborted = true
      for (const child of children) killGroup(child)
    },
  }
}
export type ProcessRunner = ReturnType<typeof createProcessRunner>

function aborted(): EngineError {
  return new EngineError("Aborted", "the engine was told to stop")
}

function killGroup(child: Child): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, "SIGKILL")
  } catch {
    // It has ended in this very moment.
  }
}
