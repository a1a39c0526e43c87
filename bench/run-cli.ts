import path from "node:path"
import { runCommand } from "../local/cli/run-command.ts"
import { repositoryRoot } from "../local/repository-root.ts"

/** What `npm start` and `npm stop` run. Errors: an exit code that is not 0, with what was printed. */
export async function runCli(name: "start" | "stop", args: string[], env: Record<string, string>): Promise<void> {
  const root = repositoryRoot()
  const { code, stdout, stderr } = await runCommand(
    process.execPath,
    [path.join(root, "local", "cli", `${name}.ts`), ...args],
    { env, cwd: root, timeoutMs: 120_000 },
  )
  if (code !== 0) throw new Error(`npm ${name} ended with exit code ${code}:\n${stdout}${stderr}`)
}
