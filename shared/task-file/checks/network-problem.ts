import { didYouMean } from "../text/nearest-name.ts"

/** What engines have without being told. */
const BUILT_IN = ["", "bridge", "default", "host", "none"]

/** What is wrong with a network that a step names, where the task has these; undefined when nothing is. */
export function networkProblem(name: string, declared: readonly string[]): string | undefined {
  if (BUILT_IN.includes(name) || declared.includes(name)) return undefined
  return `there is no network ${name}: name it under networks.${didYouMean(name, [...declared, ...BUILT_IN])}`
}
