import { type ParseArgsConfig, parseArgs } from "node:util"
import { complain, say } from "./terminal.ts"

type Options = NonNullable<ParseArgsConfig["options"]>
type Values = Record<string, string | boolean | (string | boolean)[] | undefined>

/** Options of a command; instead of them its exit code, when help was asked for or a mistake was made and said. */
export function parseArguments(args: string[], options: Options, help: string): { values: Values } | { exit: number } {
  try {
    const { values } = parseArgs({ args, options: { ...options, help: { type: "boolean", short: "h" } } })
    if (values.help !== true) return { values }
    say(help)
    return { exit: 0 }
  } catch (error) {
    complain(error)
    say(help)
    return { exit: 2 }
  }
}
