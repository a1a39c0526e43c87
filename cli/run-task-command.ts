import { didYouMean } from "../shared/task-file/text/nearest-name.ts"
import { type CommandWorld, EXIT } from "./command-world.ts"
import { lintTask } from "./lint-task.ts"
import { usageError } from "./read-command-line.ts"
import { renderTask } from "./render-task.ts"
import { runExec } from "./run-exec.ts"

const HELP = `npm run -s task -- exec|lint|render [options] [folder]

Works with a task file (docs/task-files.md) on this machine, without a service.
  exec     runs it on an engine of this machine; --dry-run shows what it would run
  lint     prints its problems and warnings
  render   prints it with aliases and templates filled in
npm run -s task -- <command> --help says more. Run it from anywhere: npm --prefix <this repository> run -s task -- lint`

const COMMANDS = new Map([
  ["exec", runExec],
  ["lint", lintTask],
  ["render", renderTask],
])

/** `npm run -s task`; returns the exit code. */
export async function runTaskCommand([name, ...words]: readonly string[], world: CommandWorld): Promise<number> {
  if (name === undefined || name === "--help" || name === "-h" || name === "help") {
    world.stdout(`${HELP}\n`)
    return name === undefined ? EXIT.usage : EXIT.success
  }
  const command = COMMANDS.get(name)
  if (command === undefined)
    return usageError([`there is no command ${name}.${didYouMean(name, COMMANDS.keys())}`], "task", world).exit
  try {
    return await command(words, world)
  } catch (error) {
    world.stderr(`error: ${error instanceof Error ? error.message : String(error)}\n`)
    return EXIT.failure
  }
}
