import { execFile, spawn } from "node:child_process"
import { randomInt } from "node:crypto"
import { readdir, readFile } from "node:fs/promises"
import path from "node:path"
import { promisify } from "node:util"
import { engineFolders } from "../../../local/engine/engine-folders.ts"
import { findPrivateDocker } from "../../../local/engine/private-docker.ts"
import { readRunningSupervisor } from "../../../local/supervisor/supervisor-file.ts"
import { createArmClient } from "../setup/arm-client.ts"
import { plainRegistry, pushBaseImage, stackRegistry } from "../setup/base-image.ts"
import { tarball } from "../setup/contexts.ts"
import { poll, startDetached, startTestStack } from "../setup/test-stack.ts"
import { keepDoing, processesCalled, processesOf, signal } from "./processes.ts"

const execute = promisify(execFile)

export type PartName = "storage" | "service-bus" | "front" | "registry" | "engine" | "host"
export type BadDayStack = Awaited<ReturnType<typeof startBadDayStack>>

/** A stack of its own with an engine of its own, and the means to do harm to it and to look at what is left. */
export async function startBadDayStack(settings: Record<string, string> = {}) {
  const stack = await startTestStack({ SLIPWAY_ENGINE_KIND: "private", ...settings })
  const { dataFolder } = stack.state
  const arm = await createArmClient(stack)
  const registry = await stackRegistry(stack)
  const base = (await pushBaseImage(registry, "base/busybox", "1")).image
  const plainBase = (await pushBaseImage(plainRegistry(stack), "base/busybox", "1")).image
  await engineIsKnown()

  function supervisor() {
    return readRunningSupervisor(dataFolder)
  }

  function pidOf(part: PartName): number | undefined {
    return supervisor()?.parts.find(({ name }) => name === part)?.pid
  }

  function engineIsKnown() {
    return poll("the engine to be chosen", async () => supervisor()?.engine !== undefined, 30)
  }

  /** dockerd itself, not what supervises it. */
  function dockerd(): number | undefined {
    return processesCalled(`--config-file ${engineFolders(dataFolder).config}`)[0]?.pid
  }

  /** The builder's own process; its wrapper and its children have other names. */
  function builderOf(runId: string): number | undefined {
    const found = processesOf(`SLIPWAY_WORK_DIR=${dataFolder}/builds/${runId}-`)
    return found.find(({ cmdline }) => /^\S*node .*builder/.test(cmdline))?.pid
  }

  async function docker(...args: string[]): Promise<string[]> {
    const command = findPrivateDocker(dataFolder)!.docker
    const env = { ...process.env, DOCKER_HOST: `unix://${engineFolders(dataFolder).socket}` }
    const { stdout } = await execute(command, args, { env, timeout: 20_000 })
    return stdout.split("\n").filter((line) => line !== "")
  }

  return {
    ...stack,
    arm,
    registry,
    base,
    plainBase,
    supervisor,
    pidOf,
    dockerd,
    builderOf,
    docker,
    /** SIGKILL to a part; returns when the one that the supervisor starts in its place answers. */
    async kill(part: PartName) {
      const facts = () => supervisor()?.parts.find(({ name }) => name === part)
      const before = facts()?.restarts ?? 0
      signal(facts()?.pid, "SIGKILL")
      await poll(`${part} to be back`, async () => facts()?.state === "healthy" && facts()!.restarts > before, 30)
    },
    /** Whatever the supervisor starts in its place is killed as well, until the time is over. */
    keepDown: (part: PartName, seconds: number) => keepDoing(seconds, () => signal(pidOf(part), "SIGKILL")),
    healthy: (...parts: PartName[]) =>
      poll(`${parts.join(", ")} to be healthy`, async () =>
        parts.every((name) => supervisor()?.parts.find((part) => part.name === name)?.state === "healthy"),
      ),
    /** SIGKILL to the supervisor; all else goes by itself. */
    async killAll() {
      signal(supervisor()?.pid, "SIGKILL")
      // A client that follows a build is the test's own, and stays.
      const own = () => processesOf(dataFolder).filter(({ cmdline }) => !cmdline.includes("acr build"))
      await poll("all processes to be gone", async () => own().length === 0, 15).catch(() => {
        throw new Error(`the killed stack left: ${own().map(({ pid, cmdline }) => `${pid} ${cmdline}`)}`)
      })
    },
    async startAgain() {
      await startDetached(stack.env)
      await engineIsKnown()
    },

    /** Uploads and queues a build that prints `n-1` … `n-<lines>` and whose processes can be told from all others. */
    async queueNumbered(options: { lines: number; pauseMs?: number; image?: string; to?: "slipway" | "plainreg" }) {
      const { lines, pauseMs = 100, to = "slipway" } = options
      const mark = `2000${randomInt(1e9, 9e9)}`
      const loop = `i=0; while [ $i -lt ${lines} ]; do i=$((i+1)); echo "n-$i"; busybox usleep ${pauseMs * 1_000}; done`
      const dockerfile = `FROM ${to === "slipway" ? base : plainBase}\nRUN sleep ${mark} & ${loop}; busybox kill $!\n`
      const sourceLocation = await arm.upload(to, tarball([["Dockerfile", dockerfile]]))
      const imageNames = options.image === undefined ? [] : [options.image]
      const runId = await arm.schedule(to, { sourceLocation, imageNames, isPushEnabled: options.image !== undefined })
      return { runId, registry: to, mark, lines }
    },
    /** Waits until a run's log has that line of its build. Errors: the log, when it ends without. */
    async printed(run: { registry: string; runId: string }, line: string) {
      const pattern = new RegExp(`^#\\d+ [\\d.]+ ${line}\\r?$`, "m")
      let last: Awaited<ReturnType<typeof arm.readLog>> | undefined
      await poll(`run ${run.runId} to print ${line}`, async () => {
        last = await arm.readLog(run.registry, run.runId)
        return last.complete !== undefined || pattern.test(last.text)
      }).catch(() => undefined)
      if (!pattern.test(last?.text ?? "")) throw new Error(`run ${run.runId} did not print ${line}: ${last?.text}`)
    },

    /** How many builders were started for a run. */
    async launchesOf(runId: string): Promise<number> {
      const text = await readFile(path.join(dataFolder, "logs", "builders.log"), "utf8")
      return text.split("\n").filter((line) => new RegExp(`${runId}-\\d+ started, pid`).test(line)).length
    },
    /** What a run has left in the engine, on the disk or running; empty when it is as if it had never been. */
    async leftBy(run: { runId: string; mark?: string }): Promise<string[]> {
      const [containers, networks, volumes, folders] = await Promise.all([
        docker("ps", "--all", "--format", "container {{.ID}} {{.Image}}"),
        docker("network", "ls", "--format", "network {{.Name}}"),
        docker("volume", "ls", "--format", "volume {{.Name}}"),
        readdir(path.join(dataFolder, "builds")),
      ])
      const own = networks.filter((line) => !/^network (bridge|host|none)$/.test(line))
      const alive = [`builds/${run.runId}`, ...(run.mark === undefined ? [] : [`sleep ${run.mark}`])].flatMap((text) =>
        processesOf(text).map(({ pid, cmdline }) => `process ${pid} ${cmdline}`),
      )
      return [...containers, ...own, ...volumes, ...folders.filter((name) => name.startsWith(run.runId)), ...alive]
    },
    async stop() {
      arm.close()
      await stack.stop()
    },
  }
}

/** Starts the plain registry again, which the suite's set-up started and a test has killed. */
export function restartPlainRegistry(config: string) {
  return spawn("setpriv", ["--pdeathsig", "KILL", "--", "docker-registry", "serve", config], { stdio: "ignore" })
}
