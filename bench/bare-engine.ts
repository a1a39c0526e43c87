import { spawn } from "node:child_process"
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import path from "node:path"
import { runCommand } from "../local/cli/run-command.ts"
import { readCleanEnvironment } from "../local/config.ts"
import { loginServer } from "../local/stack-urls.ts"
import { readRunningSupervisor } from "../local/supervisor/supervisor-file.ts"
import { poll, type TestStack } from "../test/e2e/setup/test-stack.ts"

/**
 * The peer of the builder: docker's own clients on the stack's engine and registry, driven by nobody. Errors: the stack's
 * engine is none of its own (it would be wiped here), or no docker.
 */
export async function openBareEngine({ state }: Pick<TestStack, "state">) {
  const engine = await poll("the choice of an engine", async () => readRunningSupervisor(state.dataFolder)?.engine, 30)
  const { command, buildxCommand } = engine
  const isOwn = engine.env.DOCKER_HOST?.startsWith(`unix://${state.dataFolder}/`) === true
  if (!isOwn || buildxCommand === undefined) {
    throw new Error("this measure needs the stack's own Docker Engine, which set-up unpacks where no docker answers")
  }
  const folder = await mkdtemp(path.join(state.dataFolder, "bare-"))
  const { userName, password } = state.registry
  const auth = Buffer.from(`${userName}:${password}`).toString("base64")
  await writeFile(path.join(folder, "config.json"), JSON.stringify({ auths: { [loginServer(state)]: { auth } } }))
  const env = {
    ...readCleanEnvironment(),
    ...engine.env,
    HOME: folder,
    DOCKER_CONFIG: folder,
    SSL_CERT_FILE: path.join(state.dataFolder, "ca", "bundle.pem"),
    BUILDX_NO_DEFAULT_ATTESTATIONS: "1",
  }

  async function run(program: string, args: string[]): Promise<string> {
    const { code, stdout, stderr } = await runCommand(program, args, { env })
    if (code !== 0) throw new Error(`${path.basename(program)} ${args[0]} ended with exit code ${code}: ${stderr}`)
    return stdout
  }

  return {
    /** Writes a context folder; removed with the stack. */
    async context(files: [string, string][]): Promise<string> {
      const where = await mkdtemp(path.join(folder, "context-"))
      for (const [name, text] of files) {
        await mkdir(path.dirname(path.join(where, name)), { recursive: true })
        await writeFile(path.join(where, name), text)
      }
      return where
    },
    /** What its clients need to find it, with the registry's login in their home. */
    env,
    /** `buildx build` and one `docker push` after another, nothing else; bases are looked up in the registry as the builder does. */
    async buildAndPush(contextFolder: string, images: string[], options: string[] = []): Promise<void> {
      const words = ["--progress=plain", "--provenance=false", "--pull", ...images.map((image) => `--tag=${image}`)]
      await run(buildxCommand, ["build", ...words, ...options, contextFolder])
      for (const image of images) await run(command, ["push", image])
    },
    /** `docker run` of a container that is removed when it ends. */
    async runContainer(...words: string[]): Promise<void> {
      await run(command, ["run", "--rm", ...words])
    },
    /** A build whose output is handed on as it comes. */
    async build(files: [string, string][], image: string, onText: (text: string) => Promise<void>): Promise<void> {
      const contextFolder = await this.context(files)
      const args = ["build", "--progress=plain", "--provenance=false", "-t", image, contextFolder]
      const child = spawn(buildxCommand, args, { env, stdio: ["ignore", "ignore", "pipe"] })
      for await (const text of child.stderr.setEncoding("utf8")) await onText(text as string)
    },
    /** Everything that the engine keeps: images and layer cache. What is left is what a new machine has. */
    async wipe(): Promise<void> {
      const images = (await run(command, ["images", "--all", "--quiet"])).split("\n").filter((id) => id !== "")
      if (images.length > 0) await run(command, ["rmi", "--force", ...new Set(images)])
      await run(command, ["builder", "prune", "--all", "--force"])
    },
    close: () => rm(folder, { recursive: true, force: true }),
  }
}
export type BareEngine = Awaited<ReturnType<typeof openBareEngine>>
