import { buffer } from "node:stream/consumers"
import { readEnvironment } from "../local/config.ts"
import { noSecretSource } from "../shared/secrets/no-secret-source.ts"
import { runTaskCommand } from "./run-task-command.ts"

const environment = readEnvironment()
const stop = new AbortController()

function openStopSignal(): AbortSignal {
  // A terminal and npm both pass Ctrl-C on: further signals find the end under way.
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(name, () => stop.abort(new Error(`stopped by ${name}`)))
  }
  return stop.signal
}

// Who stops listening (`| head`) ends the work as well.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => stop.abort(new Error("nobody listens")))

const code = await runTaskCommand(process.argv.slice(2), {
  // npm runs scripts in the repository, wherever it was called.
  folder: (environment.npm_lifecycle_event === "task" && environment.INIT_CWD) || process.cwd(),
  environment,
  stdout: (text) => process.stdout.write(text),
  stderr: (text) => process.stderr.write(text),
  readInput: () => buffer(process.stdin),
  now: () => new Date(),
  secrets: noSecretSource,
  openStopSignal,
})
// Not merely its exit code: what an interrupted run left waiting must not hold it.
process.exit(code)
