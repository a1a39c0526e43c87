import { mkdir, writeFile } from "node:fs/promises"
import { splitWords } from "../../shared/task-file/commands/split-words.ts"
import type { SecretVolume, TaskNetwork } from "../../shared/task-file/task.ts"
import { failureOf, isNetworkFailure } from "../failures/failure-of.ts"
import { RunFailure } from "../failures/run-failure.ts"
import { type Attempt, attemptStep } from "./attempt-step.ts"
import { checkBuildAhead } from "./check-build-ahead.ts"
import { checkRuns } from "./check-platforms.ts"
import type { Plan } from "./plan.ts"
import { runBuildStep } from "./run-build-step.ts"
import { runCmdStep } from "./run-cmd-step.ts"
import { runGraph } from "./run-graph.ts"
import { runPushStep } from "./run-push-step.ts"
import type { PlannedStep, StepDeps } from "./step-deps.ts"
import { StepFailure } from "./step-failure.ts"
import { missingRight } from "./step-rights.ts"

/** All runs share the addresses of one engine. */
const MAX_NETWORKS = 10

export type RunStepsDeps = Omit<StepDeps, "networkOf" | "isPushing">

/**
 * Runs the steps of a plan, each as soon as those before it have succeeded. The first failure ends the others; every step that ended is
 * told in the order of the file, also when the run fails. Errors: RunFailure in acb's words (task-file 8); the signal's reason.
 */
export async function runSteps(plan: Plan, deps: RunStepsDeps, signal: AbortSignal): Promise<void> {
  const { log, places } = deps
  if (plan.networks.length > MAX_NETWORKS) {
    throw new RunFailure("Failed", `a task may have ${MAX_NETWORKS} networks, this one has ${plan.networks.length}`)
  }
  const stepDeps: StepDeps = { ...deps, networkOf: createNetworks(plan, deps), isPushing: pushesTo(plan) }
  for (const volume of plan.volumes) {
    await writeVolume(volume, places.volumes)
    log.say(`Volume source ${volume.name} successfully created`)
  }
  if (plan.steps.some(({ type }) => type === "cmd")) await checkRuns(deps.platform, deps.engine)
  // The first step tells its own mistakes before anything has run.
  for (const step of plan.steps.slice(1)) if (step.type === "build") await checkBuildAhead(step, stepDeps)
  const elapsed = new Map<string, number>()
  try {
    await runGraph(
      plan.steps,
      async (step, stop) => {
        const { timeoutSeconds, workingDirectory, network } = step
        const where = `Working directory: '${workingDirectory}', Network: '${network}'`
        log.say(`Executing step ID: ${step.id}. Timeout(sec): ${timeoutSeconds}, ${where}`)
        try {
          const attempt = (one: Attempt) => runStep(step, one, stepDeps)
          const { elapsedMs } = await attemptStep(step, {
            say: log.say,
            causeText: deps.causeText,
            attempt,
            signal: stop,
          })
          elapsed.set(step.id, elapsedMs)
        } catch (error) {
          stop.throwIfAborted()
          throw inStep(step, error)
        }
      },
      signal,
    )
  } finally {
    for (const step of plan.steps) {
      const ms = elapsed.get(step.id)
      if (ms === undefined) continue
      log.say(`Step ID: ${step.id} marked as successful (elapsed time in seconds: ${(ms / 1000).toFixed(6)})`)
      if (step.type !== "build") continue
      // The engine has said the digests already; the words are acb's.
      log.say(`Populating digests for step ID: ${step.id}...`)
      log.say(`Successfully populated digests for step ID: ${step.id}`)
    }
  }
}

function runStep(step: PlannedStep, attempt: Attempt, deps: StepDeps): Promise<void> {
  switch (step.type) {
    case "cmd":
      return runCmdStep(step, attempt, deps)
    case "build":
      return runBuildStep(step, attempt, deps)
    case "push":
      return runPushStep(step, attempt, deps)
  }
}

/**
 * `failed to run step ID: build: …`, the words of acb's last line (task-file 8), around whatever went wrong. What a build
 * cannot reach is named in the user's Dockerfile, so that is a failed build; where to push is the operator's matter.
 */
function inStep(step: PlannedStep, error: unknown): RunFailure {
  const { outcome, message } =
    error instanceof StepFailure ? { outcome: "Failed" as const, message: error.message } : failureOf(error)
  const isUsers = step.type === "build" && isNetworkFailure(error)
  return new RunFailure(isUsers ? "Failed" : outcome, `failed to run step ID: ${step.id}: ${message}`, { cause: error })
}

/** Written as they are, outside of the workspace (architecture, "Deliberate differences"). */
async function writeVolume({ name, files }: SecretVolume, folder: string): Promise<void> {
  await mkdir(`${folder}/${name}`, { recursive: true, mode: 0o755 })
  for (const { name: file, content } of files) await writeFile(`${folder}/${name}/${file}`, content, { mode: 0o644 })
}

/**
 * The engine's networks by the task's names, each made when a step first needs it: making and removing one takes longer than many a
 * step. A container that is the only one of its run needs none where the engine's default keeps runs apart.
 */
function createNetworks(plan: Plan, { engine, log, rights }: RunStepsDeps): StepDeps["networkOf"] {
  const isAlone = hasOneContainer(plan) && engine.choice.isBridgeIsolated === true
  const made = new Map<string, Promise<string>>()

  async function make(network: TaskNetwork | undefined, index: number): Promise<string> {
    const { name = "acb_default_network", driver = "bridge", isIpv6 = false } = network ?? {}
    if (driver !== "bridge" && driver !== "" && !rights.has("host-network")) {
      const what = `the driver ${driver} of the network ${name} reaches beyond the run`
      throw new RunFailure("Failed", `${what}: bridge does not; ${missingRight("host-network")}`)
    }
    log.say(`Creating Docker network: ${name}, driver: '${driver}'`)
    const isRunNetwork = network === undefined || name === "acb_default_network"
    const options = isRunNetwork ? {} : { name: `n${index}`, driver, isIpv6 }
    const created = await engine.createNetwork(options)
    log.say(`Successfully set up Docker network: ${name}`)
    return created
  }

  return async (name) => {
    if (name === "host" || name === "none") return name
    const index = plan.networks.findIndex((network) => network.name === name)
    const network = plan.networks[index]
    if (name.includes(":")) throw new RunFailure("Failed", `there is no network ${name}: name it under networks`)
    if (network?.isExternal) {
      if (rights.has("host-network")) return name
      throw new RunFailure(
        "Failed",
        `the network ${name} is one of the engine, which all runs share; ${missingRight("host-network")}`,
      )
    }
    const isNamed = network !== undefined || name === "" || name === "bridge" || name === "default"
    if (!isNamed) throw new RunFailure("Failed", `there is no network ${name}: name it under networks`)
    if (isAlone && (network === undefined || name === "acb_default_network")) return undefined
    const key = network === undefined ? "acb_default_network" : name
    const making = made.get(key) ?? make(network, index)
    made.set(key, making)
    making.catch(() => made.delete(key))
    return await making
  }
}

function hasOneContainer({ steps, networks }: Plan): boolean {
  const [only, ...further] = steps.filter((step) => step.type === "cmd")
  if (only === undefined || further.length > 0 || networks.some(({ name }) => name !== "acb_default_network"))
    return false
  return !only.isDetached && splitWords(only.cmd).kind === "words"
}

/** Whether a step pushes to a repository. */
function pushesTo(plan: Plan): StepDeps["isPushing"] {
  const images = plan.steps.flatMap((step) => (step.type === "push" ? step.images : []))
  const repositories = new Set(images.map((image) => image.replace(/[:@][^/]*$/, "")))
  return (repository) =>
    repositories.has(repository) || repositories.has(repository.replace(/^docker\.io\/(?:library\/)?/, ""))
}
