import { mkdtemp } from "node:fs/promises"
import { posix } from "node:path"
import { readSourceLocation } from "../../shared/contexts/read-source-location.ts"
import { secretTexts, takeSecrets } from "../../shared/contexts/take-secrets.ts"
import { imageName, imageReference } from "../../shared/registry/image-reference.ts"
import { normalizePlatform } from "../../shared/registry/normalize-platform.ts"
import type { BuildCommand } from "../../shared/task-file/commands/read-build-command.ts"
import { WORKSPACE } from "../../shared/task-file/commands/resolve-working-directory.ts"
import { RunFailure } from "../failures/run-failure.ts"
import type { TargetImage } from "../images/image-name.ts"
import { findDockerfile } from "./find-dockerfile.ts"
import { hostPath, workingDirectoryOf } from "./host-path.ts"
import type { PlannedBuild, StepDeps } from "./step-deps.ts"

/** Those without a value have that of the step's variable, if there is one. */
export function argumentsOf(command: BuildCommand, step: PlannedBuild): { name: string; value: string }[] {
  return command.buildArguments.flatMap(({ name, value }) => {
    const given = value ?? valueIn(step.env, name)
    return given === undefined ? [] : [{ name, value: given }]
  })
}

/** In lower case; the run's own where the command names none. */
export function platformsOf(command: BuildCommand, { platform }: Pick<StepDeps, "platform">): string[] {
  return command.platforms.length === 0 ? [platform] : command.platforms.map(normalizePlatform)
}

/** The folder that a build reads: one of the workspace, or one of its own that its location is fetched to. */
export async function contextOf(command: BuildCommand, step: PlannedBuild, deps: StepDeps) {
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
  deps.addSecrets(secretTexts(secrets))
  const folder = await mkdtemp(`${places.temporary}/source-`)
  const fetched = await deps.fetchSource(plain, secrets, folder)
  return { folder: fetched.folder, revision: fetched.isRepository ? fetched.revision : undefined, isLocal: false }
}

export async function dockerfileOf(
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

export function targetOf(tag: string): TargetImage {
  const image = imageReference(tag)
  if (image?.tag === undefined) throw new RunFailure("Failed", `"${tag}" cannot name an image: it has no tag`)
  return { fullName: imageName(image), registry: image.registry, repository: image.repository, tag: image.tag }
}

export function valueIn(env: readonly string[], name: string): string | undefined {
  return env.find((entry) => entry.startsWith(`${name}=`))?.slice(name.length + 1)
}
