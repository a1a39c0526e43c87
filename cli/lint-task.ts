import { newRunId } from "../shared/runs/run-id.ts"
import { problemLine } from "../shared/task-file/text/problem-line.ts"
import { type CommandWorld, EXIT } from "./command-world.ts"
import { localRegistry } from "./local-registry.ts"
import { openMasker } from "./open-masker.ts"
import { INPUT_OPTIONS, readCommandLine, usageError } from "./read-command-line.ts"
import { DEFAULT_FILE, readInputs } from "./read-inputs.ts"
import { type FileProblem, readLocalTask } from "./read-local-task.ts"

export const INPUT_HELP = `  -f, --file FILE          the task file: below the folder, else from here; - is standard input (default: ${DEFAULT_FILE})
  --values FILE            a file of values for templates (.Values)
  --set NAME=VALUE         a value; it wins over the file's
  --set-secret NAME=VALUE  the same, masked in all output; NAME alone: the environment's variable of that name
  --env NAME=VALUE         environment of every step, where the task does not set it
  --registry HOST          .Run.Registry (default: the registry of the stack that runs, else registry.example)
  --id ID                  .Run.ID (default: a new one)`

const HELP = `npm run -s task -- lint [options] [folder]

Prints every problem and warning of a task file as file:line:column, so that editors and eyes find it. Nothing is run, and no
engine is needed.
${INPUT_HELP}
  --json                   the same for programs: [{ file, line, column, severity, message }]
Exit code 1 when there is a problem; warnings alone are 0.`

const OPTIONS = { ...INPUT_OPTIONS, json: { kind: "flag" } } as const

/** `task lint`. */
export async function lintTask(words: readonly string[], world: CommandWorld): Promise<number> {
  const line = readCommandLine(words, { command: "task lint", table: OPTIONS, help: HELP }, world)
  if ("exit" in line) return line.exit
  const read = await readInputs(line, world)
  if (!read.ok) return tellMistakes(read, "task lint", world)
  const { registry } = await localRegistry(read.inputs.registry, world.environment)
  const run = { ...registry, runId: read.inputs.runId ?? newRunId(world.now()) }
  const { task, problems, warnings, secretValues } = await readLocalTask(read.inputs, {
    run,
    now: world.now,
    secrets: world.secrets,
  })
  const mask = openMasker(read.inputs, task, secretValues)
  const findings = [
    ...problems.map((problem) => ({ ...problem, severity: "error" as const })),
    ...warnings.map((warning) => ({ ...warning, severity: "warning" as const })),
  ].map(({ file, line, column, severity, message }) => ({ file, line, column, severity, message: mask(message) }))
  if (line.isOn("json")) world.stdout(`${JSON.stringify(findings, undefined, 2)}\n`)
  else for (const finding of findings) world.stdout(`${findingLine(finding)}\n`)
  return problems.length > 0 ? EXIT.failure : EXIT.success
}

/** One finding as compilers write it; only warnings say what they are. */
export function findingLine(finding: FileProblem & { severity: "error" | "warning" }): string {
  const message = finding.severity === "warning" ? `warning: ${finding.message}` : finding.message
  return problemLine(finding.file, { ...finding, message })
}

/** What stood against reading the inputs; returns the exit code. */
export function tellMistakes(
  { usage, problems }: { usage: string[]; problems: string[] },
  command: string,
  world: CommandWorld,
): number {
  if (usage.length > 0) return usageError(usage, command, world).exit
  for (const problem of problems) world.stderr(`error: ${problem}\n`)
  return EXIT.failure
}
