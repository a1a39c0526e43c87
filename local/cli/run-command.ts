import { spawn } from "node:child_process"

export type CommandOptions = {
  env: Record<string, string>
  cwd?: string
  /** Written to its standard input. */
  input?: string
  /** Shown as it comes, or kept for the caller. */
  isShown?: boolean
  timeoutMs?: number
  /** Ends it. */
  signal?: AbortSignal | undefined
}
export type CommandResult = { code: number; stdout: string; stderr: string }

/** Runs a program to its end. Errors: one that could not be started. */
export function runCommand(command: string, args: string[], options: CommandOptions): Promise<CommandResult> {
  const { env, cwd, input, isShown = false, timeoutMs = 600_000, signal } = options
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      env,
      ...(cwd === undefined ? {} : { cwd }),
      timeout: timeoutMs,
      killSignal: "SIGKILL",
      ...(signal === undefined ? {} : { signal }),
      stdio: ["pipe", isShown ? "inherit" : "pipe", isShown ? "inherit" : "pipe"],
    })
    const text = { stdout: "", stderr: "" }
    child.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
      text.stdout += chunk
    })
    child.stderr?.setEncoding("utf8").on("data", (chunk: string) => {
      text.stderr += chunk
    })
    child.once("error", reject)
    child.once("close", (code) => resolve({ code: code ?? 137, ...text }))
    // A program that does not read its input is no failure of ours.
    child.stdin?.on("error", () => undefined)
    child.stdin?.end(input)
  })
}
