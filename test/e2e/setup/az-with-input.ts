import { spawn } from "node:child_process"
import path from "node:path"
import { text } from "node:stream/consumers"
import { repositoryRoot } from "../../../local/repository-root.ts"
import { type AzResult, azEnvironment } from "./az-client.ts"
import type { TestStack } from "./test-stack.ts"

/** As `az`, with `input` on its standard input. */
export async function azWithInput(stack: TestStack, args: string[], input: string): Promise<AzResult> {
  const script = '. "$0" >/dev/null && exec az "$@"'
  const command = ["-c", script, path.join(stack.state.dataFolder, "env.sh"), ...args]
  const child = spawn("bash", command, { cwd: repositoryRoot(), env: azEnvironment(stack) })
  child.stdin.end(input)
  const ended = new Promise<number>((resolve) => child.on("close", (code) => resolve(code ?? 1)))
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended])
  return { code, stdout, stderr }
}
