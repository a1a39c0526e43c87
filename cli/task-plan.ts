import { RunFailure } from "../builder/failures/run-failure.ts"
import { checkPrivileges } from "../builder/steps/step-rights.ts"
import type { StepRight } from "../shared/builders/run-work.ts"
import { readBuildCommand } from "../shared/task-file/commands/read-build-command.ts"
import { readRunCommand } from "../shared/task-file/commands/read-run-command.ts"
import { splitWords } from "../shared/task-file/commands/split-words.ts"
import type { CmdStep, Task, TaskStep } from "../shared/task-file/task.ts"

/** What a run would do, for people; `isRefused`: some step would not run, and its lines say why. */
export type TaskPlan = { lines: string[]; isRefused: boolean }

/** Tells the steps in order, each with what it runs. Whatever only a shell can say is said when it runs. */
export function taskPlan(task: Task, rights: ReadonlySet<StepRight>): TaskPlan {
  const refusals = task.steps.map((step) => refusalsOf(step, rights))
  const lines = [
    ...task.networks.map(({ name, driver, isExternal }) =>
      isExternal ? `network ${name}, which is there already` : `network ${name}${driver === "" ? "" : ` (${driver})`}`,
    ),
    ...task.volumes.map(({ name, files }) => `volume ${name}: ${files.map((file) => file.name).join(", ")}`),
    ...task.steps.flatMap((step, at) => [
      `${at + 1}. ${step.id}: ${step.type}, ${step.after.length === 0 ? "at once" : `after ${step.after.join(", ")}`}`,
      ...[...commandLines(step), ...settingsOf(step)].map((line) => `     ${line}`),
      ...(refusals[at] ?? []).map((reason) => `     refused: ${reason}`),
    ]),
  ]
  if (task.steps.length === 0) lines.push("no steps")
  return { lines, isRefused: refusals.some((reasons) => reasons.length > 0) }
}

function commandLines(step: TaskStep): string[] {
  if (step.type === "push") return step.images.map((image) => `docker push ${image}`)
  const text = step.type === "cmd" ? step.cmd : step.build
  const [first = "", ...further] = text.trim().split("\n")
  const split = splitWords(text)
  const shell = split.kind === "shell" ? [`read by a sandboxed shell: ${split.reason}`] : []
  return [`docker ${step.type === "cmd" ? "run" : "build"} ${first}`, ...further.map((line) => `  ${line}`), ...shell]
}

function settingsOf(step: TaskStep): string[] {
  const { timeoutSeconds, startDelaySeconds, retries, retryDelaySeconds, repeat, isErrorIgnored, workingDirectory } =
    step
  const names = step.env.map((entry) => entry.split("=")[0] ?? "")
  const further = [
    `timeout ${timeoutSeconds} s`,
    ...(startDelaySeconds > 0 ? [`starts ${startDelaySeconds} s late`] : []),
    ...(retries > 0 ? [`${retries} retries, ${retryDelaySeconds} s apart`] : []),
    ...(repeat > 0 ? [`${repeat} repeats`] : []),
    ...(isErrorIgnored ? ["errors are ignored"] : []),
    ...(step.type === "cmd" && step.isDetached ? ["detached"] : []),
    ...(workingDirectory === "" ? [] : [`in ${workingDirectory}`]),
    ...(step.network === "" ? [] : [`network ${step.network}`]),
  ]
  return [further.join("; "), ...(names.length === 0 ? [] : [`environment: ${names.join(", ")}`])]
}

function refusalsOf(step: TaskStep, rights: ReadonlySet<StepRight>): string[] {
  if (step.type === "push") return []
  const split = splitWords(step.type === "cmd" ? step.cmd : step.build)
  if (split.kind === "shell") return []
  if (step.type === "cmd") return refusalsOfCommand(step, split.words, rights)
  const read = readBuildCommand(split.words)
  return read.ok ? [] : read.problems
}

function refusalsOfCommand(step: CmdStep, words: readonly string[], rights: ReadonlySet<StepRight>): string[] {
  const read = readRunCommand(words)
  if (!read.ok) return read.problems
  const network = read.command.options.findLast(({ name }) => name === "network")?.value ?? step.network
  try {
    checkPrivileges(step, read.command, network, rights)
    return []
  } catch (error) {
    if (error instanceof RunFailure) return [error.message]
    throw error
  }
}
