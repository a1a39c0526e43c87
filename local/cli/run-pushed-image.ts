import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import type { EngineChoice } from "../../builder/engine/engine.ts"
import type { StackState } from "../stack-state.ts"
import { loginServer } from "../stack-urls.ts"
import { type CommandResult, runCommand } from "./run-command.ts"

/**
 * What an image of the stack's registry prints. Its local copy is removed first, so what runs is what was pushed; signs in by
 * user and password, in a credential folder of its own. Errors: what the engine printed.
 */
export async function runPushedImage(
  stack: StackState,
  choice: EngineChoice,
  image: string,
  cleanEnv: Record<string, string>,
): Promise<string> {
  const credentials = await mkdtemp(path.join(tmpdir(), "slipway-demo-"))
  const env = {
    ...cleanEnv,
    // Podman is its own client of the registry; Docker's daemon is, and trusts 127.0.0.0/8.
    SSL_CERT_FILE: path.join(stack.dataFolder, "ca", "bundle.pem"),
    DOCKER_CONFIG: credentials,
    REGISTRY_AUTH_FILE: path.join(credentials, "auth.json"),
    ...choice.env,
  }
  const engine = (args: string[], input = ""): Promise<CommandResult> =>
    runCommand(choice.command, args, { env, input, timeoutMs: 120_000 })
  const engineOrFail = async (args: string[], input?: string): Promise<string> => {
    const { code, stdout, stderr } = await engine(args, input)
    if (code === 0) return stdout
    throw new Error(`${choice.dialect} ${args[0]} ended with exit code ${code}: ${stderr.trim()}`)
  }
  try {
    const name = `${loginServer(stack)}/${image}`
    const { userName, password } = stack.registry
    await engineOrFail(["login", "--username", userName, "--password-stdin", loginServer(stack)], password)
    await engine(["image", "rm", "--force", name])
    await engineOrFail(["pull", name])
    const output = await engineOrFail(["run", "--rm", "--pull", "never", name])
    await engine(["image", "rm", "--force", name])
    return output
  } finally {
    await rm(credentials, { recursive: true, force: true })
  }
}
