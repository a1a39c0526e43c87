import { readSourceLocation } from "../../shared/contexts/read-source-location.ts"
import { type BuildCommand, readBuildCommand } from "../../shared/task-file/commands/read-build-command.ts"
import { splitWords } from "../../shared/task-file/commands/split-words.ts"
import { argumentsOf, dockerfileOf, platformsOf } from "./build-inputs.ts"
import { checkPlatforms } from "./check-platforms.ts"
import { hostPath } from "./host-path.ts"
import type { PlannedBuild, StepDeps } from "./step-deps.ts"

/**
 * Checks a build that runs later, as far as can be told already: its text needs no shell, and its sources are there. Errors: RunFailure
 * for a platform that cannot be built here.
 */
export async function checkBuildAhead(step: PlannedBuild, deps: StepDeps): Promise<void> {
  const command = typeof step.build === "string" ? commandAhead(step.build) : step.build
  if (command === undefined) return
  const dockerfile = await aheadDockerfile(command, step, deps)
  if (dockerfile === undefined) return
  const buildArguments = argumentsOf(command, step)
  await checkPlatforms({ command, dockerfile, buildArguments, platforms: platformsOf(command, deps) }, deps.engine)
}

/** Undefined when it is made or fetched later, or is wrong: who builds says that. */
async function aheadDockerfile(command: BuildCommand, step: PlannedBuild, deps: StepDeps): Promise<string | undefined> {
  const read = readSourceLocation(command.context, "build")
  if (!read.ok || read.location.type !== "folder") return undefined
  try {
    const folder = await hostPath(read.location.path, step, deps.places)
    return (await dockerfileOf(command, step, folder, true, deps)).text
  } catch {
    return undefined
  }
}

function commandAhead(text: string): BuildCommand | undefined {
  const split = splitWords(text)
  const read = split.kind === "words" ? readBuildCommand(split.words) : undefined
  return read?.ok ? read.command : undefined
}
