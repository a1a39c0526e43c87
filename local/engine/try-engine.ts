// Set-up's trial of the private Docker Engine: a whole life of the part, with a build and a container, in a throw-away data
// folder. Exit code 1 with the reason as the last line on stderr.
import { execFile } from "node:child_process"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import { setTimeout as delay } from "node:timers/promises"
import { promisify } from "node:util"
import { repositoryRoot } from "../repository-root.ts"
import { spawnChild } from "../supervisor/spawn-child.ts"
import { engineFolders } from "./engine-folders.ts"
import { createEnginePart } from "./engine-part.ts"
import { findPrivateDocker } from "./private-docker.ts"

const START_TIMEOUT_MS = 20_000

async function tryEngine(dataFolder: string): Promise<void> {
  const docker = findPrivateDocker(dataFolder)
  const part = await createEnginePart({ dataFolder })
  if (docker === undefined || part === undefined) throw new Error("it is not unpacked, or this is not root")
  let output = ""
  const child = spawnChild({
    command: part.command,
    args: part.args,
    env: part.env,
    isNamespaced: true,
    onOutput: (chunk) => {
      output += chunk.toString()
    },
  })
  let end: string | undefined
  void child.exited.then(({ text }) => {
    end = text
  })
  try {
    const deadline = performance.now() + START_TIMEOUT_MS
    while (!(await part.isHealthy())) {
      if (end !== undefined) throw new Error(`it ended at its start, ${end}: ${lastLine(output)}`)
      if (performance.now() > deadline) throw new Error(`it did not answer within ${START_TIMEOUT_MS / 1000} s`)
      await delay(20)
    }
    const env = { PATH: part.env.PATH, DOCKER_HOST: `unix://${engineFolders(dataFolder).socket}`, HOME: dataFolder }
    const hello = path.join(repositoryRoot(), "examples", "hello")
    await execute(docker.buildx, ["build", "--progress=plain", "--provenance=false", "-t", "hello", hello], env)
    await execute(docker.docker, ["run", "--rm", "hello"], env)
  } finally {
    await child.stop(part.stopTimeoutMs)
  }
}

async function execute(command: string, args: string[], env: NodeJS.ProcessEnv): Promise<void> {
  await promisify(execFile)(command, args, { env, timeout: START_TIMEOUT_MS }).catch((error: { stderr?: string }) => {
    throw new Error(lastLine(error.stderr ?? "") || String(error), { cause: error })
  })
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1) ?? ""
}

const dataFolder = await mkdtemp(path.join(tmpdir(), "slipway-try-"))
try {
  await tryEngine(dataFolder)
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
} finally {
  await rm(dataFolder, { recursive: true, force: true })
}
