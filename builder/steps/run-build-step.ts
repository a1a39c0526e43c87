import { type BuildCommand, readBuildCommand } from "../../shared/task-file/commands/read-build-command.ts"
import { splitWords } from "../../shared/task-file/commands/split-words.ts"
import type { OnLine } from "../engine/engine.ts"
import { RunFailure } from "../failures/run-failure.ts"
import { withNetworkRetry } from "../failures/with-network-retry.ts"
import { argumentValuesOf, secretValuesOf } from "../secrets-of.ts"
import { runShell } from "../shell/run-shell.ts"
import type { Attempt } from "./attempt-step.ts"
import { argumentsOf, contextOf, dockerfileOf, platformsOf, targetOf, valueIn } from "./build-inputs.ts"
import { buildSettings } from "./build-settings.ts"
import { checkPlatforms } from "./check-platforms.ts"
import { writeRunFile } from "./read-run-file.ts"
import { shellOptions } from "./run-cmd-step.ts"
import type { PlannedBuild, StepDeps } from "./step-deps.ts"
import { isFinal, StepFailure } from "./step-failure.ts"
import { openStepOutput } from "./step-output.ts"

/** One attempt of a build step (task-file 3.2). Errors: RunFailure for a text that cannot be built here; EngineError; StepFailure. */
export async function runBuildStep(step: PlannedBuild, attempt: Attempt, deps: StepDeps): Promise<void> {
  if (typeof step.build !== "string") {
    await build(step.build, step, attempt, deps)
  } else {
    const split = splitWords(step.build)
    if (split.kind === "words") await build(commandOf(split.words), step, attempt, deps)
    else await buildByShell(step.build, split.reason, step, attempt, deps)
  }
  deps.log.say(`Successfully executed container: ${step.id}`)
}

/** The shell says which words there are; the build is done here, and the shell waits for it. */
async function buildByShell(
  text: string,
  reason: string,
  step: PlannedBuild,
  attempt: Attempt,
  deps: StepDeps,
): Promise<void> {
  const output = openStepOutput(deps.log, [attempt.watch])
  let failure: unknown
  // The text decides what a failed build means (`|| true`); what nothing can mend ends it.
  const exitCodeOf = async (command: BuildCommand, signal: AbortSignal) => {
    try {
      await build(command, step, { ...attempt, signal }, deps)
      return 0
    } catch (error) {
      if (isFinal(error) && !signal.aborted) throw error
      failure = error
      return 1
    }
  }
  try {
    const exitCode = await runShell({
      ...shellOptions(step.id, reason, deps),
      ...{
        env: step.env,
        command: "build",
        text,
        stdout: output.stdout,
        stderr: output.stderr,
        signal: attempt.signal,
      },
      async onDocker(call, isOver) {
        const [command, ...words] = call.arguments
        if (command === "build") return await exitCodeOf(commandOf(words), AbortSignal.any([attempt.signal, isOver]))
        call.stderr.write(
          `docker ${command ?? ""} is not available to the text of a build step: it can build images.\n`,
        )
        return 125
      },
    })
    if (exitCode !== 0) throw failure ?? new StepFailure(`exit status ${exitCode}`)
  } finally {
    await output.close()
  }
}

function commandOf(words: readonly string[]): BuildCommand {
  const read = readBuildCommand(words)
  if (read.ok) return read.command
  throw new RunFailure("Failed", read.problems.join(" "))
}

async function build(command: BuildCommand, step: PlannedBuild, attempt: Attempt, deps: StepDeps): Promise<void> {
  const { engine, log, images, retries, causeText } = deps
  const { folder, revision, isLocal } = await contextOf(command, step, deps)
  const dockerfile = await dockerfileOf(command, step, folder, isLocal, deps)
  const targets = command.tags.map(targetOf)
  const buildArguments = argumentsOf(command, step)
  const platforms = platformsOf(command, deps)
  const [platform = deps.platform] = platforms
  await checkPlatforms({ command, dockerfile: dockerfile.text, buildArguments, platforms }, engine)
  const isCached = deps.isCacheEnabled && step.cache !== "disabled" && !command.isCacheOff
  const first = targets[0]
  // The cache of a registry that the run has nothing to do with is that of whoever has the name there.
  const isCacheKnown = first !== undefined && deps.isSignedIn(first.registry)
  const isPushed = isCacheKnown && (step.cache === "enabled" || deps.isPushing(`${first.registry}/${first.repository}`))
  deps.addSecrets(secretValuesOf(buildArguments))
  // The others may be printed by later steps on purpose.
  const stream = log.open("stdout", argumentValuesOf(buildArguments))
  const onLine: OnLine = (line, name, isPiece = false) => {
    attempt.watch.see(`${line}\n`, name)
    stream.print(line, isPiece)
  }
  const options = {
    contextFolder: folder,
    dockerfilePath: dockerfile.path,
    images: targets.map(({ fullName }) => fullName),
    target: command.target === "" ? undefined : command.target,
    buildArguments,
    platforms,
    isClassic: valueIn(step.env, "DOCKER_BUILDKIT") === "0",
    noCache: command.isCacheOff,
    cache: {
      isRead: isCached && isCacheKnown,
      isWritten: deps.isCacheEnabled && step.cache !== "disabled" && isPushed,
    },
    labels: Object.fromEntries(command.labels.map(({ name, value }) => [name, value])),
    settings: await buildSettings(command, step, deps),
    signal: attempt.signal,
    // A request for one image has no other step that could write.
    isContextShared: typeof step.build === "string" && isLocal,
    onLine,
  }
  const result = await withNetworkRetry(
    () => engine.build(options),
    retries,
    attempt.signal,
    (why) => log.say(`The build could not reach what it needs and is tried again: ${causeText(why)}`),
  ).finally(() => stream.close())
  images.builds.push({
    ...{ stepId: step.id, images: targets, result, dockerfile: dockerfile.text, buildArguments, platform },
    target: options.target,
    gitRevision: revision,
  })
  const idFile = command.others.findLast(({ name }) => name === "iidfile")
  if (idFile !== undefined) await writeRunFile(idFile.value, result.imageId, step, deps.places)
}
