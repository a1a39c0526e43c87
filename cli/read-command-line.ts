import { type OptionTable, scanOptions } from "../shared/task-file/commands/scan-options.ts"
import { type CommandWorld, EXIT } from "./command-world.ts"

/** What every command takes: which file, and what its templates see. */
export const INPUT_OPTIONS = {
  env: { kind: "value" },
  file: { kind: "value", short: "f" },
  help: { kind: "flag", short: "h" },
  id: { kind: "value" },
  registry: { kind: "value" },
  set: { kind: "value" },
  "set-secret": { kind: "value" },
  values: { kind: "value" },
} as const satisfies OptionTable<string>
export type InputOption = keyof typeof INPUT_OPTIONS

export type CommandLine<Name extends string> = {
  /** All values of an option, in order. */
  valuesOf(name: Name): string[]
  /** The last one counts. */
  lastOf(name: Name): string | undefined
  isOn(name: Name): boolean
  /** The one word that is no option. */
  folder: string
}

/**
 * Reads the words behind `task <command>`; instead of them its exit code, when help was asked for or a mistake was made and told.
 * An unknown option is told with the one that was probably meant.
 */
export function readCommandLine<Name extends string>(
  words: readonly string[],
  { command, table, help }: { command: string; table: OptionTable<Name | "help">; help: string },
  world: Pick<CommandWorld, "stdout" | "stderr">,
): CommandLine<Name> | { exit: number } {
  const { options, positionals, problems } = scanOptions(words, table, { command, isInterspersed: true })
  if (options.some(({ name, isOn }) => name === "help" && isOn)) {
    world.stdout(`${help}\n`)
    return { exit: EXIT.success }
  }
  const [folder, ...further] = positionals.map(({ word }) => word)
  if (further.length > 0) problems.push(`${command} takes one folder; here are ${[folder, ...further].join(", ")}.`)
  if (problems.length > 0) return usageError(problems, command, world)
  const valuesOf = (wanted: Name) => options.filter(({ name }) => name === wanted).map(({ value }) => value)
  return {
    valuesOf,
    lastOf: (name) => valuesOf(name).at(-1),
    isOn: (wanted) => options.findLast(({ name }) => name === wanted)?.isOn ?? false,
    folder: folder ?? ".",
  }
}

/** Tells mistakes of a command line and where its words are explained; returns the exit code. */
export function usageError(
  problems: readonly string[],
  command: string,
  { stderr }: Pick<CommandWorld, "stderr">,
): { exit: number } {
  for (const problem of problems) stderr(`error: ${problem}\n`)
  stderr(`npm run -s ${command.replace(/^task ?/, "task -- ")} --help explains it.\n`.replace("--  ", "-- "))
  return { exit: EXIT.usage }
}
