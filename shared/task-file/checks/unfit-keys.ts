import type { TaskStep } from "../task.ts"
import type { StepEntry } from "../task-file-schema.ts"
import type { Report } from "./report.ts"

type StepType = TaskStep["type"]
type Key = keyof StepEntry

/** What means something to a container of a step only, so neither to a build nor to a push. */
const CONTAINER_KEYS: Key[] = [
  "detach",
  "keep",
  "pull",
  "entryPoint",
  "disableWorkingDirectoryOverride",
  "user",
  "isolation",
  "cpus",
  "privileged",
  "ports",
  "expose",
]
const UNFIT: Record<StepType, Key[]> = {
  cmd: ["cache"],
  build: CONTAINER_KEYS,
  push: [...CONTAINER_KEYS, "env", "workingDirectory", "network", "cache"],
}
const WITHOUT_EFFECT: Key[] = ["exitedWith", "exitedWithout", "cmdDownloadRetries", "cmdDownloadRetryDelay"]

/** Warns of keys that are read and do nothing for a step of this type (task-file 3). */
export function warnOfUnfitKeys(step: StepEntry, type: StepType, index: number, { places, warning }: Report): void {
  for (const key of UNFIT[type]) {
    if (step[key] === undefined) continue
    const fitting = type === "cmd" ? "a build step" : type === "build" ? "a cmd step" : "a cmd or build step"
    warning(
      `${key} has no effect on a ${type} step: remove it, or put it on ${fitting}.`,
      places.ofKey(["steps", index, key]),
    )
  }
  for (const key of WITHOUT_EFFECT) {
    if (step[key] !== undefined) warning(`${key} has no effect: remove it.`, places.ofKey(["steps", index, key]))
  }
}
