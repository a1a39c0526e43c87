import { newRunId } from "../shared/runs/run-id.ts"
import { type CommandWorld, EXIT } from "./command-world.ts"
import { findingLine, INPUT_HELP, tellMistakes } from "./lint-task.ts"
import { localRegistry } from "./local-registry.ts"
import { openMasker } from "./open-masker.ts"
import { INPUT_OPTIONS, readCommandLine } from "./read-command-line.ts"
import { readInputs } from "./read-inputs.ts"
import { maskedSecrets, readLocalTask } from "./read-local-task.ts"

const HELP = `npm run -s task -- render [options] [folder]

Prints a task file as it is once aliases are replaced and templates are rendered; comments and the alias section are gone, secrets
are masked. Problems go to standard error, also those of the rendered text.
${INPUT_HELP}
Exit code 1 when the file cannot be rendered, or what comes out is no task.`

/** `task render`. */
export async function renderTask(words: readonly string[], world: CommandWorld): Promise<number> {
  const line = readCommandLine(words, { command: "task render", table: INPUT_OPTIONS, help: HELP }, world)
  if ("exit" in line) return line.exit
  const read = await readInputs(line, world)
  if (!read.ok) return tellMistakes(read, "task render", world)
  const { registry } = await localRegistry(read.inputs.registry, world.environment)
  const run = { ...registry, runId: read.inputs.runId ?? newRunId(world.now()) }
  const { task, problems, texts, secretValues } = await readLocalTask(read.inputs, {
    run,
    now: world.now,
    secrets: maskedSecrets,
  })
  const mask = openMasker(read.inputs, task, secretValues)
  if (texts.rendered !== undefined) world.stdout(mask(texts.rendered))
  for (const problem of problems) world.stderr(`${mask(findingLine({ ...problem, severity: "error" }))}\n`)
  return problems.length > 0 ? EXIT.failure : EXIT.success
}
