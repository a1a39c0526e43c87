import { posix } from "node:path"
import { readRunCommand } from "../commands/read-run-command.ts"
import { resolveWorkingDirectory } from "../commands/resolve-working-directory.ts"
import { splitWords } from "../commands/split-words.ts"
import { CACHE_VALUES, type TaskStep } from "../task.ts"
import type { StepEntry } from "../task-file-schema.ts"
import { networkProblem } from "./network-problem.ts"
import { pushedImages } from "./pushed-images.ts"
import type { Report } from "./report.ts"
import { warnOfUnfitKeys } from "./unfit-keys.ts"
import { warnOfBuildText } from "./warn-of-build.ts"

/** What a step takes from the task around it. */
export type StepSurroundings = {
  id: string
  after: string[]
  env: string[]
  volumeMounts: { name: string; mountPath: string }[]
  timeoutSeconds: number
  workingDirectory: string
  network: string
  /** Those that the task has. */
  networkNames: readonly string[]
  /** Makes a `cmd` of the text of one: aliases as first words. */
  commandOf(cmd: string): string
}

const DEFAULT_RETRY_DELAY_SECONDS = 5

/** Checks one entry of `steps` and applies its defaults (task-file 3). Undefined when it has no type, or several. */
export function makeStep(
  step: StepEntry,
  index: number,
  around: StepSurroundings,
  report: Report,
): TaskStep | undefined {
  const { places } = report
  const path = ["steps", index]
  if ((step.retries ?? 0) < 0) report.problem("step must specify retries >= 0", places.of([...path, "retries"]))
  if ((step.repeat ?? 0) < 0) report.problem("step must specify repeat >= 0", places.of([...path, "repeat"]))
  const cache = cacheOf(step, index, report)
  const workingDirectory = workingDirectoryOf(step, index, around, report)
  const type = typeOf(step, index, report)
  if (type === undefined) return undefined

  warnOfUnfitKeys(step, type, index, report)
  if (type === "push" && around.volumeMounts.length > 0) {
    report.problem(
      "invalid use of Mounts: volumeMounts are for cmd and build steps.",
      places.ofKey([...path, "volumeMounts"]),
    )
  }
  const noNetwork = type === "push" ? undefined : networkProblem(step.network ?? "", around.networkNames)
  if (noNetwork !== undefined) report.warning(noNetwork, places.of([...path, "network"]))
  const base = {
    id: around.id,
    after: around.after,
    timeoutSeconds: (step.timeout ?? 0) > 0 ? (step.timeout ?? 0) : around.timeoutSeconds,
    startDelaySeconds: Math.max(step.startDelay ?? 0, 0),
    retries: step.retries ?? 0,
    retryDelaySeconds: (step.retryDelay ?? 0) > 0 ? (step.retryDelay ?? 0) : DEFAULT_RETRY_DELAY_SECONDS,
    retryOnErrors: step.retryOnErrors ?? [],
    repeat: step.repeat ?? 0,
    isErrorIgnored: step.ignoreErrors ?? false,
    env: around.env,
    workingDirectory,
    isWorkingDirectoryOverrideDisabled: step.disableWorkingDirectoryOverride ?? false,
    network: step.network || around.network,
    volumeMounts: around.volumeMounts,
    isPrivileged: step.privileged ?? false,
    user: step.user ?? "",
    isolation: step.isolation ?? "",
    cpus: step.cpus ?? "",
    ports: step.ports ?? [],
    expose: step.expose ?? [],
  }
  if (type === "push") return { ...base, type, images: pushedImages(step.push ?? []) }
  if (type === "build") {
    const build = step.build ?? ""
    warnOfBuildText(build, index, report)
    return { ...base, type, build, cache }
  }
  const cmd = around.commandOf(step.cmd ?? "")
  warnOfCommand(cmd, index, around, report)
  return {
    ...base,
    type,
    cmd,
    entryPoint: step.entryPoint ?? "",
    isDetached: step.detach ?? false,
    isKept: step.keep ?? false,
    isPulled: step.pull ?? false,
  }
}

function typeOf(
  { cmd, build, push }: StepEntry,
  index: number,
  { places, problem }: Report,
): TaskStep["type"] | undefined {
  const types: TaskStep["type"][] = []
  if ((cmd ?? "") !== "") types.push("cmd")
  if ((build ?? "") !== "") types.push("build")
  if ((push ?? []).length > 0) types.push("push")
  const path = ["steps", index]
  if (types.length > 1) {
    const message = "step must only contain a single build, cmd, or push property: make several steps of it."
    problem(message, places.ofKey([...path, types[1] ?? ""]))
    return undefined
  }
  const isUnknown = places.isBad(path) || ["cmd", "build", "push"].some((key) => places.isBad([...path, key]))
  if (types.length === 0 && !isUnknown) {
    problem("step is missing a cmd, build, or push property: give it one of them.", places.of(path))
  }
  return types[0]
}

function cacheOf({ cache = "" }: StepEntry, index: number, { places, problem }: Report) {
  const known = CACHE_VALUES.find((value) => value === cache.toLowerCase())
  if (known === undefined && cache !== "") {
    const message = "invalid value for cache property. Valid values are 'enabled', 'disabled'"
    problem(message, places.of(["steps", index, "cache"]))
  }
  return known
}

function workingDirectoryOf(step: StepEntry, index: number, around: StepSurroundings, report: Report): string {
  const text = step.workingDirectory || around.workingDirectory
  if (resolveWorkingDirectory(text) === undefined) {
    report.problem(
      `working directory ${text} leaves /workspace: it would be ${posix.resolve("/workspace", text)}. Name one below it, or an absolute one.`,
      report.places.of(step.workingDirectory ? ["steps", index, "workingDirectory"] : ["workingDirectory"]),
    )
  }
  return text
}

/** Warns of what running the step will refuse. */
function warnOfCommand(
  cmd: string,
  index: number,
  { networkNames }: StepSurroundings,
  { places, warning }: Report,
): void {
  const split = splitWords(cmd)
  if (split.kind === "shell") return
  const read = readRunCommand(split.words)
  const network = read.ok ? read.command.options.findLast(({ name }) => name === "network")?.value : undefined
  const problems = read.ok ? [networkProblem(network ?? "", networkNames) ?? []].flat() : read.problems
  for (const message of problems) warning(message, places.of(["steps", index, "cmd"]))
}
