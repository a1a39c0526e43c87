import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { PassThrough } from "node:stream"
import { text as textOf } from "node:stream/consumers"
import { expect, onTestFinished } from "vitest"
import { findProgram } from "../../../builder/engine/client-environment.ts"
import { runShell, type ShellOptions } from "../../../builder/shell/run-shell.ts"

type Options = Partial<Pick<ShellOptions, "onDocker" | "signal" | "env">>

/** Runs `docker run <text>` in the real sandbox and returns what it printed, and its exit code or its error. */
export async function runText(text: string, options: Options = {}) {
  const base = mkdtempSync(join(tmpdir(), "slipway-shell-"))
  onTestFinished(() => rmSync(base, { recursive: true, force: true }))
  const [workspaceFolder, folder] = [join(base, "workspace"), join(base, "shell")]
  mkdirSync(workspaceFolder)
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const printed = Promise.all([textOf(stdout), textOf(stderr)])
  const calls: string[][] = []
  const { onDocker = async () => 0, signal = new AbortController().signal, env = [] } = options
  const ended = await runShell({
    ...{ programs: { bwrap: (await findProgram("bwrap")) ?? "bwrap" }, workspaceFolder, folder },
    ...{ userId: process.getuid?.() === 0 ? 1_900_000_123 : undefined, env, command: "run", text, stdout, stderr },
    ...{ signal },
    async onDocker(call, isOver) {
      calls.push(call.arguments)
      return await onDocker(call, isOver)
    },
  }).then(
    (exitCode) => ({ exitCode, error: undefined }),
    (error) => ({ exitCode: undefined, error }),
  )
  stdout.end()
  stderr.end()
  const [out, err] = await printed
  expect(existsSync(folder)).toBe(false)
  return { ...ended, calls, workspaceFolder, stdout: out, stderr: err }
}
