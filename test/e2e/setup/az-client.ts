import { execFile } from "node:child_process"
import path from "node:path"
import { repositoryRoot } from "../../../local/repository-root.ts"
import type { TestStack } from "./test-stack.ts"

export type AzResult = { code: number; stdout: string; stderr: string }

/** The newest az of PyPI, where `scripts/az-latest.mjs` puts it. The suite drives the system's unless it is told to. */
const LATEST = path.resolve(repositoryRoot(), process.env.SLIPWAY_DATA || ".slipway", "az-latest", "bin")

/**
 * Runs a plain, unmodified az in a shell that has sourced the stack's env.sh, as a user would. Never rejects: exit codes are
 * what the tests look at.
 */
export function az(stack: TestStack, args: string[], cwd = repositoryRoot()): Promise<AzResult> {
  const script = `. "$0" >/dev/null && exec az "$@"`
  const env: NodeJS.ProcessEnv = { ...stack.env }
  if (process.env.SLIPWAY_TEST_AZ === "latest") env.PATH = `${LATEST}${path.delimiter}${env.PATH}`
  return new Promise((resolve) => {
    const command = ["-c", script, path.join(stack.state.dataFolder, "env.sh"), ...args]
    execFile("bash", command, { cwd, env, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === "number" ? error.code : error === null ? 0 : 1, stdout, stderr })
    })
  })
}
