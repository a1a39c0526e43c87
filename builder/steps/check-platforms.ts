import { runningPlatforms } from "../../shared/dockerfile/running-platforms.ts"
import type { BuildCommand } from "../../shared/task-file/commands/read-build-command.ts"
import type { Engine } from "../engine/engine.ts"
import { RunFailure } from "../failures/run-failure.ts"

export type CheckedBuild = {
  command: Pick<BuildCommand, "target">
  /** Text of the Dockerfile. */
  dockerfile: string
  buildArguments: { name: string; value: string }[]
  /** `os/architecture[/variant]`, in lower case. */
  platforms: readonly string[]
}

/**
 * What a build would only fail at in its middle (`exec format error`), or not at all (an image that says `windows` and holds Linux), is
 * told before the engine begins. Errors: RunFailure that names what is missing.
 */
export async function checkPlatforms(
  { command, dockerfile, buildArguments, platforms }: CheckedBuild,
  engine: Pick<Engine, "architecture" | "missingEmulation">,
): Promise<void> {
  for (const platform of platforms) {
    checkSystem(platform)
    const options = { buildArguments, target: command.target, platform, buildPlatform: `linux/${engine.architecture}` }
    for (const running of runningPlatforms(dockerfile, options)) await checkRuns(running, engine)
  }
}

/** For programs of a platform. Errors: RunFailure. */
export async function checkRuns(platform: string, engine: Pick<Engine, "missingEmulation">): Promise<void> {
  checkSystem(platform)
  const missing = await engine.missingEmulation(platform)
  if (missing !== undefined) throw new RunFailure("Failed", missing)
}

function checkSystem(platform: string): void {
  const [system = ""] = platform.split("/")
  if (system === "linux") return
  const name = system === "windows" ? "Windows" : system
  throw new RunFailure(
    "Failed",
    `platform ${platform}: no ${name} builder is connected to this service, and this one makes images of linux only`,
  )
}
