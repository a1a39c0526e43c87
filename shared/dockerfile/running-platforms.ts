import { platformArguments } from "./platform-arguments.ts"
import { type DockerfileOptions, readDockerfile } from "./read-dockerfile.ts"
import { readInstructions } from "./read-instructions.ts"

/**
 * The platforms whose programs a build runs: those of the stages that the target needs and that have a RUN. `buildPlatform` is the
 * machine's, for `FROM --platform=$BUILDPLATFORM`. Empty for what cannot be read: the engine says why.
 */
export function runningPlatforms(text: string, options: DockerfileOptions & { buildPlatform: string }): string[] {
  const build = [...platformArguments(options.platform, options.buildPlatform)]
  const given = [...(options.buildArguments ?? []), ...build.map(([name, value]) => ({ name, value }))]
  const read = readDockerfile(text, { ...options, buildArguments: given })
  if (!read.ok) return []
  const runs = readInstructions(text).instructions.filter(({ keyword }) => keyword === "RUN")
  const platforms = read.stages.map(() => options.platform)
  const found = new Set<string>()
  for (const stage of read.stages) {
    const inherited = stage.base.type === "stage" ? platforms[stage.base.index] : undefined
    const platform = stage.platform || inherited || options.platform
    platforms[stage.index] = platform
    const next = read.stages[stage.index + 1]?.line ?? Number.POSITIVE_INFINITY
    if (stage.isReachable && runs.some(({ line }) => line > stage.line && line < next)) found.add(platform)
  }
  return [...found]
}
