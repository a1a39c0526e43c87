import { normalizePlatform } from "../../shared/registry/normalize-platform.ts"
import { type RunCommand, readRunCommand } from "../../shared/task-file/commands/read-run-command.ts"
import { WORKSPACE } from "../../shared/task-file/commands/resolve-working-directory.ts"
import { splitWords } from "../../shared/task-file/commands/split-words.ts"
import type { CmdStep } from "../../shared/task-file/task.ts"
import type { ContainerOptions, Mount } from "../engine/container-options.ts"
import { ENGINE_FAILED } from "../engine/run-container.ts"
import type { Streams } from "../engine/run-process.ts"
import { RunFailure } from "../failures/run-failure.ts"
import { withNetworkRetry } from "../failures/with-network-retry.ts"
import { runShell } from "../shell/run-shell.ts"
import { type Attempt, createOutputWatch } from "./attempt-step.ts"
import { checkRuns } from "./check-platforms.ts"
import { STEP_HOME, workingDirectoryOf } from "./host-path.ts"
import { readRunFile } from "./read-run-file.ts"
import type { StepDeps } from "./step-deps.ts"
import { StepFailure } from "./step-failure.ts"
import { openStepOutput } from "./step-output.ts"
import { checkPrivileges, missingRight } from "./step-rights.ts"

/** One more name than a step has attempts and calls. */
let containers = 0

/**
 * One attempt of a `cmd` step: its text is words, which run as they are, or a text for the sandboxed shell, whose `docker run`s come
 * back here (contracts, "cmd text"). Errors: StepFailure with `exit status N`; RunFailure for a text that cannot run here; EngineError.
 */
export async function runCmdStep(step: CmdStep, { watch, signal }: Attempt, deps: StepDeps): Promise<void> {
  if (step.isPulled) deps.log.say("Step specified pull. Performing an explicit pull...")
  deps.log.say(`Launching container with name: ${step.id}`)
  const socketWatch = createOutputWatch(["docker.sock"])
  const output = openStepOutput(deps.log, [watch, socketWatch])
  const env = [`HOME=${STEP_HOME}`, ...step.env.map(plainEntry)]
  let engineSaid: string | undefined
  const run = async (words: readonly string[], streams: Streams, stop: AbortSignal) => {
    const { exitCode, reason } = await withNetworkRetry(
      async () => deps.engine.run(await containerOf(step, words, env, streams, stop, deps)),
      deps.retries,
      stop,
      (why) => deps.log.say(`The image was not reached and is tried again: ${deps.causeText(why)}`),
    )
    engineSaid = reason
    return exitCode
  }

  let exitCode: number
  try {
    const split = splitWords(step.cmd)
    exitCode =
      split.kind === "words"
        ? await run(split.words, output, signal)
        : await runShell({
            ...shellOptions(step.id, split.reason, deps),
            ...{ env, command: "run", text: step.cmd, stdout: output.stdout, stderr: output.stderr, signal },
            async onDocker(call, isOver) {
              const [command, ...words] = call.arguments
              if (command !== "run") {
                call.stderr.write(
                  `docker ${command ?? ""} is not available to the text of a cmd step: it can run containers.\n`,
                )
                return 125
              }
              const isInteractive = hasInput(words)
              const stdin = isInteractive ? await call.openStdin() : undefined
              const streams = { stdin, stdout: call.stdout, stderr: call.stderr }
              return await run(words, streams, AbortSignal.any([signal, isOver]))
            },
          })
  } finally {
    await output.close()
  }
  signal.throwIfAborted()
  if (exitCode !== 0) {
    const wantsSocket = socketWatch.hasFound() && !deps.rights.has("socket")
    const why = wantsSocket
      ? `it asks for the engine's socket, which steps are not given; ${missingRight("socket")}`
      : exitCode === ENGINE_FAILED && engineSaid !== undefined
        ? deps.causeText(engineSaid)
        : undefined
    throw new StepFailure(`exit status ${exitCode}${why === undefined ? "" : `: ${why}`}`)
  }
  deps.log.say(`Successfully executed container: ${step.id}`)
}

/**
 * In ACR an entry is shell text as well, so people quote values with spaces. One whole word loses its quotes; anything else stays as it
 * is: a value with a space or a `$` is what its author meant.
 */
function plainEntry(entry: string): string {
  const split = splitWords(`x ${entry}`)
  const [, word, ...further] = split.kind === "words" ? split.words : []
  return word === undefined || further.length > 0 ? entry : word
}

/** What every sandboxed shell of a run shares. Errors: RunFailure where none can be made. */
export function shellOptions(stepId: string, reason: string, { sandbox, places, userId }: StepDeps) {
  if (sandbox === undefined) {
    const why = `the text needs a shell (${reason}), and this machine has no bubblewrap for its sandbox`
    throw new RunFailure("Error", `${why}: the operator can install the package bubblewrap`)
  }
  containers += 1
  const folder = `${places.temporary}/shell-${containers}`
  return { programs: sandbox, workspaceFolder: places.workspace, folder, userId, stepId }
}

function hasInput(words: readonly string[]): boolean {
  const read = readRunCommand(words)
  return read.ok && read.command.options.some(({ name, value }) => name === "interactive" && value === "true")
}

async function containerOf(
  step: CmdStep,
  words: readonly string[],
  env: string[],
  streams: Streams,
  signal: AbortSignal,
  deps: StepDeps,
): Promise<ContainerOptions> {
  const read = readRunCommand(words)
  if (!read.ok) throw new RunFailure("Failed", read.problems.join(" "))
  const { command } = read
  const network = optionOf(command, "network") ?? step.network
  checkPrivileges(step, command, network, deps.rights)
  const asked = optionOf(command, "platform")
  const platform = asked === undefined ? deps.platform : normalizePlatform(asked)
  if (asked !== undefined) await checkRuns(platform, deps.engine)
  const [engineNetwork, image, mounts, files] = await Promise.all([
    deps.networkOf(network),
    deps.engine.resolveImage(command.image, deps.rights.has("socket")),
    mountsOf(step, command, deps),
    environmentFiles(step, command, deps),
  ])
  containers += 1
  return {
    name: `${containers}`,
    alias: /^[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(step.id) ? step.id : undefined,
    image: image.name,
    pull: image.pull,
    arguments: command.arguments,
    env: [...env, ...files],
    mounts,
    network: engineNetwork,
    workingDirectory: step.isWorkingDirectoryOverrideDisabled ? undefined : workingDirectoryOf(step),
    entryPoint: step.entryPoint === "" ? undefined : step.entryPoint,
    user: step.user === "" ? undefined : step.user,
    isolation: optionOf(command, "isolation") || step.isolation || undefined,
    cpus: step.cpus === "" ? undefined : step.cpus,
    expose: [...step.expose, ...step.ports.map(containerPort)],
    isPrivileged: step.isPrivileged,
    platform,
    options: optionsOf(command),
    isDetached: step.isDetached || optionOf(command, "detach") === "true",
    maxProcesses: processesOf(command, deps.maxProcesses),
    streams,
    signal,
  }
}

/** The last one counts. */
function optionOf({ options }: RunCommand, option: string): string | undefined {
  return options.findLast(({ name }) => name === option)?.value
}

/** A step may ask for fewer processes than the operator allows, and for no more. */
function processesOf(command: RunCommand, allowed: number): number {
  const asked = Number(optionOf(command, "pids-limit") ?? allowed)
  return asked > 0 && asked < allowed ? asked : allowed
}

/** Of `8080:80`, `127.0.0.1:8080:80/tcp` and the like the port that the container listens on. */
function containerPort(port: string): string {
  return port.slice(port.lastIndexOf(":") + 1)
}

/** Set by the step itself, or of no meaning to a step. */
const OWN_OPTIONS = new Set([
  "network",
  "isolation",
  "pids-limit",
  "interactive",
  "tty",
  "rm",
  "publish",
  "publish-all",
  "pull",
  "platform",
  "detach",
])

function optionsOf({ options }: RunCommand): string[] {
  const label = options.find(({ name, value }) => name === "label" && value.trim().startsWith("slipway."))
  if (label !== undefined)
    throw new RunFailure("Failed", `--label ${label.value}: labels that begin with slipway. are the service's own`)
  const published = options.flatMap(({ name, value }) =>
    name === "publish" ? [`--expose=${containerPort(value)}`] : [],
  )
  return [
    ...published,
    ...options.filter(({ name }) => !OWN_OPTIONS.has(name)).map(({ name, value }) => `--${name}=${value}`),
  ]
}

const USUAL_SOCKET = "/var/run/docker.sock"

async function mountsOf(
  step: CmdStep,
  { mounts, socket }: RunCommand,
  { places, engine, rights }: StepDeps,
): Promise<Mount[]> {
  const own = [
    { source: places.workspace, target: "/workspace", isReadOnly: false },
    { source: places.home, target: STEP_HOME, isReadOnly: false },
    ...step.volumeMounts.map(({ name, mountPath }) => {
      return { source: `${places.volumes}/${name}`, target: mountPath, isReadOnly: false }
    }),
  ]
  const further = await Promise.all(
    mounts.map(async ({ source, target, isReadOnly }): Promise<Mount> => {
      if (source.type === "workspace") return { source: wholeWorkspace(source.path, places), target, isReadOnly }
      if (source.type === "volume") return { source: await engine.createVolume(source.name), target, isReadOnly }
      return { source: source.type, target, isReadOnly }
    }),
  )
  if (!rights.has("socket")) return [...own, ...further]
  const path = await engine.openSocket()
  if (path === undefined) throw new RunFailure("Error", "this engine has no socket that a step could be given")
  const target = socket?.target ?? USUAL_SOCKET
  return [...own, ...further, { source: path, target, isReadOnly: socket?.isReadOnly ?? false }]
}

/**
 * A part of the workspace could be swapped for a link between any check of it and the engine's mount. Errors: RunFailure.
 */
function wholeWorkspace(path: string, { workspace }: StepDeps["places"]): string {
  if (path === WORKSPACE) return workspace
  throw new RunFailure("Failed", `${path} cannot be mounted by itself: mount ${WORKSPACE}, which every step has anyway`)
}

/** `--env-file`: read here, since its path is the container's. */
async function environmentFiles(step: CmdStep, { envFiles }: RunCommand, { places }: StepDeps): Promise<string[]> {
  const texts = await Promise.all(
    envFiles.map(async (path) => (await readRunFile(path, step, places)).toString("utf8")),
  )
  return texts
    .flatMap((text) => text.split(/\r?\n/))
    .map((line) => line.trimStart())
    .filter((line) => line !== "" && !line.startsWith("#") && line.includes("="))
}
