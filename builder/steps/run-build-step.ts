import { mkdtemp } from "node:fs/promises"
import { posix } from "node:path"
import { readSourceLocation } from "../../shared/contexts/read-source-location.ts"
import { takeSecrets } from "../../shared/contexts/take-secrets.ts"
import { runningPlatforms } from "../../shared/dockerfile/running-platforms.ts"
import { imageName, imageReference } from "../../shared/registry/image-reference.ts"
import { type BuildCommand, readBuildCommand } from "../../shared/task-file/commands/read-build-command.ts"
import { WORKSPACE } from "../../shared/task-file/commands/resolve-working-directory.ts"
import { splitWords } from "../../shared/task-file/commands/split-words.ts"
import type { OnLine } from "../engine/engine.ts"
import { RunFailure } from "../failures/run-failure.ts"
import { withNetworkRetry } from "../failures/with-network-retry.ts"
import type { TargetImage } from "../images/image-name.ts"
import { runShell } from "../shell/run-shell.ts"
import type { Attempt } from "./attempt-step.ts"
import { buildSettings } from "./build-settings.ts"
import { findDockerfile } from "./find-dockerfile.ts"
import { hostPath, workingDirectoryOf } from "./host-path.ts"
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
  const buildArguments = command.buildArguments.flatMap(({ name, value }) => {
    const given = value ?? valueIn(step.env, name)
    return given === undefined ? [] : [{ name, value: given }]
  })
  const platforms = command.platforms.length === 0 ? [deps.platform] : command.platforms.map((one) => one.toLowerCase())
  const [platform = deps.platform] = platforms
  await checkEmulation(command, dockerfile.text, buildArguments, platforms, deps)
  const isCached = deps.isCacheEnabled && step.cache !== "disabled" && !command.isCacheOff
  const first = targets[0]
  const isPushed =
    first !== undefined &&
    deps.isSignedIn(first.registry) &&
    (step.cache === "enabled" || deps.isPushing(`${first.registry}/${first.repository}`))
  const stream = log.open()
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
    cache: { isRead: isCached, isWritten: deps.isCacheEnabled && step.cache !== "disabled" && isPushed },
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

/** What a RUN would only fail at with `exec format error` is told before the engine begins. Errors: RunFailure. */
async function checkEmulation(
  { target }: BuildCommand,
  text: string,
  buildArguments: { name: string; value: string }[],
  platforms: readonly string[],
  { engine }: StepDeps,
): Promise<void> {
  for (const platform of platforms) {
    const buildPlatform = `linux/${engine.architecture}`
    for (const running of runningPlatforms(text, { buildArguments, target, platform, buildPlatform })) {
      const missing = await engine.missingEmulation(running)
      if (missing !== undefined) throw new RunFailure("Failed", missing)
    }
  }
}

/** The folder that a build reads: one of the workspace, or one of its own that its location is fetched to. */
async function contextOf(command: BuildCommand, step: PlannedBuild, deps: StepDeps) {
  const { places } = deps
  const read = readSourceLocation(command.context, "build")
  if (!read.ok) throw new RunFailure("Failed", read.problems.join(" "))
  const { location } = read
  if (location.type === "folder") {
    return { folder: await hostPath(location.path, step, places), revision: deps.gitRevision, isLocal: true }
  }
  if (location.type === "none" || location.type === "upload") {
    throw new RunFailure(
      "Failed",
      `"${command.context}" is no context of a build: name a folder of the workspace or a URL`,
    )
  }
  const { location: plain, secrets } = takeSecrets(location)
  const folder = await mkdtemp(`${places.temporary}/source-`)
  const fetched = await deps.fetchSource(plain, secrets, folder)
  return { folder: fetched.folder, revision: fetched.isRepository ? fetched.revision : undefined, isLocal: false }
}

async function dockerfileOf(
  { file }: BuildCommand,
  step: PlannedBuild,
  folder: string,
  isLocal: boolean,
  { places }: StepDeps,
) {
  // `-f` counts from the working directory for a folder, from what was fetched for anything else (task-file 7.1).
  if (!isLocal || file === "") return await findDockerfile(folder, file)
  const path = posix.resolve(workingDirectoryOf(step), file)
  if (path.startsWith(`${WORKSPACE}/`))
    return await findDockerfile(places.workspace, path.slice(WORKSPACE.length + 1), file)
  if (step.volumeMounts.length === 0) return await findDockerfile(places.workspace, file)
  const found = await hostPath(file, step, places)
  return await findDockerfile(posix.dirname(found), posix.basename(found))
}

function targetOf(tag: string): TargetImage {
  const image = imageReference(tag)
  if (image?.tag === undefined) throw new RunFailure("Failed", `"${tag}" cannot name an image: it has no tag`)
  return { fullName: imageName(image), registry: image.registry, repository: image.repository, tag: image.tag }
}

function valueIn(env: readonly string[], name: string): string | undefined {
  return env.find((entry) => entry.startsWith(`${name}=`))?.slice(name.length + 1)
}
