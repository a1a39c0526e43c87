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
}

/** `exitCode` is undefined when a signal that we did not send ended the program. */
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

  function run(invocation: Invocation, onLine: OnLine): Promise<ProcessResult> {
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
      const { timeoutMs } = invocation
      const timer = timeoutMs === undefined ? undefined : setTimeout(() => killGroup(child), timeoutMs)
      const stdout = createLineSplitter((line, isPiece) => onLine(line, "stdout", isPiece))
      const stderr = createLineSplitter((line, isPiece) => onLine(line, "stderr", isPiece))
      child.stdout.on("data", (chunk: Buffer) => stdout.write(chunk))
      child.stderr.on("data", (chunk: Buffer) => stderr.write(chunk))
      // A program that ends without reading its input is no failure of ours.
      child.stdin.on("error", () => {})
      child.stdin.end(invocation.input ?? "")

      const end = () => {
        children.delete(child)
        clearTimeout(timer)
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
        stdout.end()
        stderr.end()
        resolve({ exitCode: exitCode ?? undefined, signal: signal ?? undefined })
      })
    })
  }

  return {
    run,
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
