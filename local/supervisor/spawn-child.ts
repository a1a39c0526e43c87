import { spawn } from "node:child_process"
import { setTimeout as delay } from "node:timers/promises"
import { childCommand } from "./child-command.ts"
import { childrenOf } from "./process-info.ts"

export type ChildOptions = {
  command: string
  args: string[]
  /** The whole environment: nothing is inherited. */
  env: Record<string, string>
  cwd?: string
  isNamespaced: boolean
  onOutput(chunk: Buffer): void
}

export type Child = {
  pid: number | undefined
  /** Settles when it is gone and its last output was read; says how it ended, in words. */
  exited: Promise<ChildExit>
  /** SIGTERM to the program itself, SIGKILL to all of it when it is still there after so long. */
  stop(graceMs: number): Promise<void>
  kill(): void
  /** True as soon as the process itself has ended. */
  isGone(): boolean
}

export type ChildExit = { code: number | undefined; text: string }

/** How long output that is still in the pipe may take; a stranger that inherited the pipe must not hold us up. */
const DRAIN_MS = 200

/** Starts a process that cannot outlive this one, in a process group of its own (a Ctrl-C in the terminal is ours alone). */
export function spawnChild(options: ChildOptions): Child {
  const { command, args } = childCommand(options)
  const child = spawn(command, args, {
    env: options.env,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  })
  child.stdout.on("data", options.onOutput)
  child.stderr.on("data", options.onOutput)
  let isGone = false

  function signal(pid: number, name: NodeJS.Signals): void {
    try {
      process.kill(pid, name)
    } catch {
      // It went away by itself in the meantime.
    }
  }

  const drained = new Promise<void>((resolve) => child.once("close", () => resolve()))
  const exited = new Promise<ChildExit>((resolve) => {
    child.once("error", (error) => {
      isGone = true
      resolve({ code: undefined, text: `could not be started: ${error.message}` })
    })
    child.once("exit", (code, signalName) => {
      isGone = true
      if (child.pid !== undefined) signal(-child.pid, "SIGKILL")
      const exit = { code: code ?? undefined, text: code === null ? `killed by ${signalName}` : `exit code ${code}` }
      void Promise.race([drained, delay(DRAIN_MS, undefined, { ref: false })]).then(() => resolve(exit))
    })
  })

  function kill(): void {
    if (!isGone && child.pid !== undefined) signal(-child.pid, "SIGKILL")
  }

  return {
    pid: child.pid,
    exited,
    kill,
    isGone: () => isGone,
    async stop(graceMs) {
      if (isGone || child.pid === undefined) return
      // unshare itself ignores SIGTERM; the program is its only child.
      const target = options.isNamespaced ? (childrenOf(child.pid)[0] ?? child.pid) : child.pid
      signal(target, "SIGTERM")
      const timer = setTimeout(kill, graceMs)
      await exited
      clearTimeout(timer)
    },
  }
}
