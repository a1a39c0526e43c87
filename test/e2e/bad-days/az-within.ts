import { execFile, spawn } from "node:child_process"
import { mkdtemp, writeFile } from "node:fs/promises"
import path from "node:path"
import type { BadDayStack } from "./bad-day-stack.ts"

export type AzResult = { code: number; stdout: string; stderr: string }

const SCRIPT = `. "$0" >/dev/null && exec timeout --kill-after=5 "$@"`

/** az with a bound: 124 (timeout's own exit code) means that it was still there after so many seconds. */
export function azWithin(stack: BadDayStack, seconds: number, args: string[]): Promise<AzResult> {
  return new Promise((resolve) => {
    execFile("bash", commandOf(stack, seconds, args), { env: stack.env }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === "number" ? error.code : error === null ? 0 : 1, stdout, stderr })
    })
  })
}

/** `az acr build`, left running: resolves when it shows what the build prints. */
export async function followBuild(
  stack: BadDayStack,
  { seconds, lines }: { seconds: number; lines: number },
): Promise<{ runId: string; ended: Promise<AzResult> }> {
  const folder = await mkdtemp(path.join(path.dirname(stack.state.dataFolder), "ctx-"))
  const loop = `i=0; while [ $i -lt ${lines} ]; do i=$((i+1)); echo "n-$i"; busybox usleep 100000; done`
  await writeFile(path.join(folder, "Dockerfile"), `FROM ${stack.base}\nRUN ${loop}\n`)
  const args = commandOf(stack, seconds, ["acr", "build", "-r", "slipway", "--no-push", "-t", "followed:v1", folder])
  const child = spawn("bash", args, { env: stack.env, stdio: ["ignore", "pipe", "pipe"] })
  let stdout = ""
  let stderr = ""
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk.toString()
  })
  const ended = new Promise<AzResult>((resolve) => {
    child.on("close", (code) => resolve({ code: code ?? 1, stdout, stderr }))
  })
  await Promise.race([
    ended,
    new Promise<void>((resolve) => {
      child.stdout.on("data", (chunk: Buffer) => {
        stdout += chunk.toString()
        if (/^#\d+ [\d.]+ n-\d+/m.test(stdout)) resolve()
      })
    }),
  ])
  const runId = /Queued a build with ID: (\w+)/.exec(stderr)?.[1]
  if (runId === undefined) throw new Error(`az queued no build: ${stdout}${stderr}`)
  return { runId, ended }
}

function commandOf(stack: BadDayStack, seconds: number, args: string[]): string[] {
  return ["-c", SCRIPT, path.join(stack.state.dataFolder, "env.sh"), String(seconds), "az", ...args]
}
