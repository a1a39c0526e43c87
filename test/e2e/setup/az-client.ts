import { execFile } from "node:child_process"
import { existsSync } from "node:fs"
import path from "node:path"
import { repositoryRoot } from "../../../local/repository-root.ts"
import { publicUrl } from "../../../local/stack-urls.ts"
import type { TestStack } from "./test-stack.ts"

export type AzResult = { code: number; stdout: string; stderr: string }

export type AzOptions = {
  /** Instead of the stack's own: for sign-ins that must not disturb what the stack's has. */
  configFolder?: string
  /** Added to the stack's environment before env.sh is sourced. */
  env?: Record<string, string>
}

/** The newest az of PyPI, where `scripts/az-latest.mjs` puts it. The suite drives the system's unless it is told to. */
const LATEST = path.resolve(repositoryRoot(), process.env.SLIPWAY_DATA || ".slipway", "az-latest", "bin")

/**
 * Runs a plain, unmodified az in a shell that has sourced the stack's env.sh, as a user would. Never rejects: exit codes are
 * what the tests look at.
 */
export function az(stack: TestStack, args: string[], options?: AzOptions): Promise<AzResult> {
  return startAz(stack, args, options).result
}

/** As `az`, for one that waits for something: what it has printed so far, and how it ends. */
export function startAz(stack: TestStack, args: string[], options: AzOptions = {}) {
  const own = options.configFolder === undefined ? "" : `export AZURE_CONFIG_DIR='${options.configFolder}';`
  const script = `. "$0" >/dev/null && { ${own} exec az "$@"; }`
  const env = azEnvironment(stack, options.env)
  let printed = ""
  const result = new Promise<AzResult>((resolve) => {
    const command = ["-c", script, path.join(stack.state.dataFolder, "env.sh"), ...args]
    const settings = { cwd: repositoryRoot(), env, maxBuffer: 64 * 1024 * 1024 }
    const child = execFile("bash", command, settings, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === "number" ? error.code : error === null ? 0 : 1, stdout, stderr })
    })
    for (const stream of [child.stdout, child.stderr]) stream?.on("data", (text: string) => (printed += text))
  })
  return { result, printed: () => printed }
}

/** What a user's shell has before it sources env.sh, with the az that the suite drives on the search path. */
export function azEnvironment(stack: TestStack, added: Record<string, string> = {}): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...stack.env, ...added }
  if (process.env.SLIPWAY_TEST_AZ !== "latest") return env
  if (!existsSync(path.join(LATEST, "az"))) throw new Error("node scripts/az-latest.mjs installs the newest az")
  return { ...env, PATH: `${LATEST}${path.delimiter}${env.PATH}` }
}

/** Makes the stack known to an az with a folder of its own, by hand; nobody is signed in there. */
export async function registerCloud(stack: TestStack, configFolder: string): Promise<void> {
  const url = publicUrl(stack.state)
  const cloud = [
    ["--endpoint-resource-manager", url],
    ["--endpoint-active-directory", `${url}/adfs`],
    ["--endpoint-active-directory-resource-id", `${url}/`],
    ["--endpoint-active-directory-graph-resource-id", `${url}/`],
    ["--suffix-acr-login-server-endpoint", ".slipway.test"],
  ].flat()
  for (const args of [
    ["register", "-n", "Own", ...cloud],
    ["set", "-n", "Own"],
  ]) {
    const { code, stderr } = await az(stack, ["cloud", ...args], { configFolder })
    if (code !== 0) throw new Error(`az cloud ${args[0]} ended with exit code ${code}: ${stderr}`)
  }
}
