import type { EngineChoice } from "../builder/engine/engine.ts"
import { isEngineError } from "../builder/engine/engine-error.ts"
import { readLocalSettings } from "../local/config.ts"
import { chooseEngine } from "../local/engine/engine-choice.ts"
import type { RegistryLogin } from "../shared/builders/run-spec.ts"
import { readSshAccess } from "../shared/git/ssh-access.ts"
import { newRunId } from "../shared/runs/run-id.ts"
import { type CommandWorld, EXIT } from "./command-world.ts"
import { EXEC_OPTIONS, execOptions } from "./exec-options.ts"
import { type ExecOptions, execTask } from "./exec-task.ts"
import { findLogin } from "./find-login.ts"
import { findingLine, INPUT_HELP, tellMistakes } from "./lint-task.ts"
import { localRegistry, NO_REGISTRY } from "./local-registry.ts"
import { logTime } from "./log-time.ts"
import { openMasker } from "./open-masker.ts"
import { readCommandLine, usageError } from "./read-command-line.ts"
import { readInputs, type TaskInputs } from "./read-inputs.ts"
import { readLocalTask } from "./read-local-task.ts"
import { taskPlan } from "./task-plan.ts"

const COMMAND = "task exec"
const HELP = `npm run -s task -- exec [options] [folder]

Runs a task file on an engine of this machine with the code that builders run, without a service: the machine's docker, the Docker
Engine of the stack that runs, podman; the first that has just run a container (SLIPWAY_ENGINE_KIND names one). Steps see the folder
itself as /workspace and may write into it. Output of steps goes to standard output and error as it is, our lines to standard error.
${INPUT_HELP}
  --login HOST             your own login for that registry (docker login, podman login) may be used; can be repeated
  --insecure HOST          that registry is reached over plain HTTP; can be repeated
  --ssh-key FILE           a private key without a passphrase for sources by ssh (default: SLIPWAY_SSH_KEY, SLIPWAY_SSH_KEY_FILE); no
                           key, agent or configuration of your own is used
  --known-hosts FILE       the hosts that may see it, with their keys (default: SLIPWAY_SSH_KNOWN_HOSTS, SLIPWAY_SSH_KNOWN_HOSTS_FILE)
  --rights LIST            what steps may do beyond their container: socket, privileged, host-network (default: SLIPWAY_STEP_RIGHTS)
  --timeout SECONDS        of the whole run (default: 3600)
  --dry-run                prints the steps and what each would run, and runs nothing
Exit code 0 when every step succeeded. Ctrl-C ends the steps and removes what they left on the engine.`

/** `task exec`. */
export async function runExec(words: readonly string[], world: CommandWorld): Promise<number> {
  const line = readCommandLine(words, { command: COMMAND, table: EXEC_OPTIONS, help: HELP }, world)
  if ("exit" in line) return line.exit
  const { options, ssh: sshSettings, logins, insecureRegistries, problems } = execOptions(line, world)
  if (problems.length > 0) return usageError(problems, COMMAND, world).exit
  const read = await readInputs(line, world)
  if (!read.ok) return tellMistakes(read, COMMAND, world)
  const { inputs } = read

  const ssh = await readSshAccess(sshSettings)
  const isSshWanted = Object.values(sshSettings).some((one) => one !== undefined)
  if ("problem" in ssh && isSshWanted) return tellMistakes({ usage: [], problems: [ssh.problem] }, COMMAND, world)
  const local = await localRegistry(inputs.registry, world.environment)
  const run = { ...local.registry, runId: inputs.runId ?? newRunId(world.now()) }
  const task = await readLocalTask(inputs, { run, now: world.now, secrets: world.secrets })
  const mask = openMasker(inputs, task.task, task.secretValues)
  if (task.task === undefined) {
    const lines = task.problems.map((problem) => mask(findingLine({ ...problem, severity: "error" })))
    for (const text of lines) world.stderr(`${text}\n`)
    world.stderr(`failed to unmarshal task before running: ${lines[0] ?? ""}\n`)
    return EXIT.failure
  }
  if (options.isDry) {
    const plan = taskPlan(task.task, new Set(options.rights))
    for (const text of plan.lines) world.stdout(`${mask(text)}\n`)
    return plan.isRefused ? EXIT.failure : EXIT.success
  }

  const found = await Promise.all(logins.map((host) => findLogin(host, world.environment)))
  const refused = found.flatMap((one) => (one.ok ? [] : [one.problem]))
  if (run.registry === NO_REGISTRY && task.texts.rendered?.includes(NO_REGISTRY) === true)
    world.stderr(
      `note: there is no registry, ${NO_REGISTRY} only names images: --registry names one, npm start brings one\n`,
    )
  if (refused.length > 0) return tellMistakes({ usage: [], problems: refused }, COMMAND, world)
  const own = found.flatMap((one) => (one.ok ? [one.login] : []))
  const signal = world.openStopSignal()
  const choice = await engineOf(world, signal)
  if (choice === undefined) return EXIT.failure
  return await execute(world, {
    ...workOf(inputs),
    ...{ choice, signal, ...run, timeoutSeconds: options.timeoutSeconds, rights: options.rights },
    // Named logins win over those of the stack.
    logins: uniqueLogins([...own, ...local.logins]),
    insecureRegistries: [...local.insecureRegistries, ...insecureRegistries],
    caFile: local.caFile,
    ssh,
    secrets: world.secrets,
    isCacheEnabled: run.registry !== NO_REGISTRY,
  })
}

async function execute(world: CommandWorld, options: Omit<ExecOptions, "say" | "print">): Promise<number> {
  const say = (line: string) => world.stderr(`${logTime(world.now())} ${line}\n`)
  say(`Engine: ${options.choice.reason}`)
  const print: ExecOptions["print"] = (line, stream) => world[stream](`${line}\n`)
  const { isSuccess, message } = await execTask({ ...options, say, print })
  if (isSuccess) return EXIT.success
  world.stderr(`${message ?? "failed"}\n`)
  return EXIT.failure
}

/** Undefined when there is none, which is told; the signal's reason. */
async function engineOf(world: CommandWorld, signal: AbortSignal): Promise<EngineChoice | undefined> {
  const { SLIPWAY_DATA: dataFolder, SLIPWAY_ENGINE_KIND: kind } = readLocalSettings(world.environment)
  try {
    return await chooseEngine({ dataFolder }, { kind, environment: world.environment }, signal)
  } catch (error) {
    if (!isEngineError(error, "EngineUnavailable")) throw error
    world.stderr(`error: ${error.message}\n`)
    world.stderr(
      "npm start -- --detach starts the local stack, with a Docker Engine of its own where the machine has none.\n",
    )
    return undefined
  }
}

/** A file of the workspace is read by its path, as builders do; any other one is handed over as a text. */
function workOf({ workspace, file, valuesFile, values, environment }: TaskInputs) {
  const given = ({ workspacePath, bytes }: TaskInputs["file"]) =>
    workspacePath === undefined ? { text: Buffer.from(bytes).toString("utf8") } : { path: workspacePath }
  return {
    folder: workspace,
    file: given(file),
    ...(valuesFile === undefined ? {} : { valuesFile: given(valuesFile) }),
    values,
    environment,
  }
}

function uniqueLogins(logins: readonly RegistryLogin[]): RegistryLogin[] {
  return [...new Map(logins.toReversed().map((login) => [login.loginServer, login])).values()]
}
