import { execFile } from "node:child_process"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import { setTimeout as delay } from "node:timers/promises"
import { promisify } from "node:util"
import { engineFolders } from "../../../local/engine/engine-folders.ts"
import { createEnginePart } from "../../../local/engine/engine-part.ts"
import { findPrivateDocker } from "../../../local/engine/private-docker.ts"
import { spawnChild } from "../../../local/supervisor/spawn-child.ts"

const execute = promisify(execFile)

/** The real part in a data folder of its own, started as the supervisor starts it. */
export type PrivateEngine = {
  dataFolder: string
  /** Folder of its docker client. */
  programFolder: string
  folders: ReturnType<typeof engineFolders>
  /** Milliseconds until it answered. */
  start(): Promise<number>
  stop(): Promise<void>
  /** SIGKILL to the wrapper alone: what the kernel does for us is then all that ends the rest. */
  killWrapper(): Promise<void>
  docker(...args: string[]): Promise<string>
  build(...args: string[]): Promise<string>
  /** An image `busybox` of the system's static busybox, with its applets. */
  importBusybox(): Promise<void>
  remove(): Promise<void>
}

export async function createPrivateEngine(parent: string = tmpdir()): Promise<PrivateEngine> {
  const dataFolder = await mkdtemp(path.join(parent, "slipway-engine-"))
  const folders = engineFolders(dataFolder)
  const programs = findPrivateDocker(dataFolder)
  if (programs === undefined) throw new Error("set-up has not unpacked the private Docker Engine (--for test)")
  const env = { PATH: process.env.PATH, HOME: dataFolder, DOCKER_HOST: `unix://${folders.socket}` }
  let child: ReturnType<typeof spawnChild> | undefined

  async function call(command: string, args: string[]): Promise<string> {
    const { stdout, stderr } = await execute(command, args, { env, timeout: 30_000 })
    return stdout + stderr
  }

  const stop = async () => child?.stop(10_000)
  const docker = (...args: string[]) => call(programs.docker, args)
  return {
    dataFolder,
    programFolder: path.dirname(programs.docker),
    folders,
    async start() {
      const part = await createEnginePart({ dataFolder })
      if (part === undefined) throw new Error("the private engine needs root")
      let output = ""
      const startedAt = performance.now()
      const started = spawnChild({
        command: part.command,
        args: part.args,
        env: part.env,
        isNamespaced: true,
        onOutput: (chunk) => {
          output += chunk.toString()
        },
      })
      child = started
      let end: string | undefined
      void started.exited.then(({ text }) => {
        end = text
      })
      while (!(await part.isHealthy())) {
        if (end !== undefined) throw new Error(`the engine ended at its start: ${end}\n${output}`)
        await delay(10)
      }
      return performance.now() - startedAt
    },
    stop,
    async killWrapper() {
      if (child?.pid === undefined) throw new Error("it does not run")
      process.kill(child.pid, "SIGKILL")
      await child.exited
    },
    docker,
    build: (...args) => call(programs.buildx, ["build", "--progress=plain", "--provenance=false", ...args]),
    async importBusybox() {
      const folder = path.join(dataFolder, "busybox")
      await execute("sh", [
        "-c",
        'mkdir -p "$0/bin" && cp "$(command -v busybox)" "$0/bin/" && for a in sh sleep nc cat; do ln -s busybox "$0/bin/$a"; done && tar -C "$0" -cf "$0.tar" .',
        folder,
      ])
      await docker("import", "--change", 'CMD ["/bin/sh"]', `${folder}.tar`, "busybox")
    },
    async remove() {
      await stop()
      await rm(dataFolder, { recursive: true, force: true })
    },
  }
}
