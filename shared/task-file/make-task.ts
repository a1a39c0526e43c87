import { expandFirstWord } from "./aliases/expand-first-word.ts"
import { checkNetworks } from "./checks/check-networks.ts"
import { checkSecrets } from "./checks/check-secrets.ts"
import { checkMounts, checkVolumes } from "./checks/check-volumes.ts"
import { inheritedEnvironment, stepEnvironment } from "./checks/environment.ts"
import { makeStep } from "./checks/make-step.ts"
import { orderSteps, stepId } from "./checks/order-steps.ts"
import type { Report } from "./checks/report.ts"
import { TASK_VERSIONS, type Task } from "./task.ts"
import type { TaskFileInput } from "./task-file-input.ts"
import type { TaskFile } from "./task-file-schema.ts"

const DEFAULT_STEP_TIMEOUT_SECONDS = 600

/** What making a task of a file needs beside the file. */
export type TaskSurroundings = Pick<TaskFileInput, "platform" | "environment" | "workingDirectory" | "network"> & {
  aliases: ReadonlyMap<string, string>
}

/**
 * Checks what a task file says and applies the defaults (task-file 1, step 7; 2; 3; 6). Every mistake goes to the report; undefined
 * when a step or the version is none.
 */
export function makeTask(file: TaskFile, around: TaskSurroundings, report: Report): Task | undefined {
  const version = versionOf(file, report)
  const secrets = checkSecrets(file, report)
  const volumes = checkVolumes(file, report)
  const { networks, defaultNetwork } = checkNetworks(file, around, report)
  const inherited = inheritedEnvironment(file, around.environment ?? [], report)
  const workingDirectory = file.workingDirectory || (around.workingDirectory ?? "")
  const timeoutSeconds = (file.stepTimeout ?? 0) > 0 ? (file.stepTimeout ?? 0) : DEFAULT_STEP_TIMEOUT_SECONDS

  const entries = file.steps ?? []
  const after = orderSteps(entries, report)
  const volumeNames = new Set(volumes.map(({ name }) => name))
  const networkNames = networks.map(({ name }) => name)
  const steps = entries.map((entry, index) =>
    makeStep(
      entry,
      index,
      {
        id: stepId(entry, index),
        after: after[index] ?? [],
        env: stepEnvironment(entry.env, ["steps", index, "env"], inherited, report),
        volumeMounts: checkMounts(entry, index, volumeNames, report),
        timeoutSeconds,
        workingDirectory,
        network: defaultNetwork,
        networkNames,
        commandOf: (cmd) => expandFirstWord(cmd, around.aliases),
      },
      report,
    ),
  )
  const made = steps.filter((step) => step !== undefined)
  if (version === undefined || made.length < steps.length) return undefined
  return { version, steps: made, networks, volumes, secrets, workingDirectory }
}

function versionOf({ version = "" }: TaskFile, report: Report): Task["version"] | undefined {
  const known = TASK_VERSIONS.find((candidate) => candidate === (version || "v1.0.0").toLowerCase())
  if (known === undefined) {
    report.problem(
      `invalid version specified: "${version}", the current version is "v1.0.0": write v1.1.0, v1.0.0 or 1.0-preview-1.`,
      report.places.of(["version"]),
    )
  }
  return known
}
