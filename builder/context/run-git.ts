import { spawn } from "node:child_process"
import { ContextError } from "./context-error.ts"

export type GitResult = { exitCode: number | undefined; stdout: string; stderr: string }
export type GitCall = {
  /** The whole environment. */
  env: Record<string, string>
  folder: string
  /** Answers `false` to end the program: nobody wants more of it. Sees each piece of standard output. */
  onOutput?: (piece: Buffer) => boolean
  /** Asked now and then; answers `false` likewise. */
  isWithinLimits?: () => boolean
  /** More standard output than this is no answer but an attack on memory. */
  maxBytes?: number
  signal: AbortSignal
}

const MAX_STDERR = 64 * 1024
const MAX_STDOUT = 128 * 1024 * 1024
const TICK_MS = 250

/**
 * Runs the system's `git` without a shell, in a process group of its own that an abort kills at once, with ssh and everything else
 * below it. Errors: ContextError when there is no git; the signal's reason.
 */
export function runGit(args: string[], call: GitCall): Promise<GitResult> {
  return runProgram("git", args, call)
}

/** The same for another program of git's. */
export function runProgram(program: "git" | "ssh", args: string[], call: GitCall): Promise<GitResult> {
  const { env, folder, onOutput, isWithinLimits, maxBytes = MAX_STDOUT, signal } = call
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    const child = spawn(program, args, { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"], detached: true })
    const stdout: Buffer[] = []
    let bytes = 0
    let stderr = ""
    const kill = () => killGroup(child.pid)
    const ticks = isWithinLimits && setInterval(() => isWithinLimits() || kill(), TICK_MS)
    const end = () => {
      clearInterval(ticks)
      signal.removeEventListener("abort", kill)
    }
    signal.addEventListener("abort", kill, { once: true })
    child.stdout.on("data", (piece: Buffer) => {
      stdout.push(piece)
      bytes += piece.length
      if (onOutput?.(piece) === false || bytes > maxBytes) kill()
    })
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      if (stderr.length < MAX_STDERR) stderr += text
    })
    child.once("error", (error) => {
      end()
      reject(new ContextError(`This builder has no ${program}, so it cannot fetch repositories.`, { cause: error }))
    })
    // After an abort `exit` is enough: what it left behind may hold the pipes open.
    child.once("exit", () => signal.aborted && reject(signal.reason))
    child.once("close", (exitCode) => {
      end()
      if (signal.aborted) return reject(signal.reason)
      resolve({ exitCode: exitCode ?? undefined, stdout: Buffer.concat(stdout).toString("utf8"), stderr })
    })
  })
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, "SIGKILL")
  } catch {
    // It has ended in this very moment.
  }
}
