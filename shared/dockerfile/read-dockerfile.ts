import { type ImageReference, imageName, imageReference } from "../registry/image-reference.ts"
import { platformArguments } from "./platform-arguments.ts"
import { type Problem, readInstructions } from "./read-instructions.ts"
import { readStages } from "./read-stages.ts"
import type { Stage } from "./stage.ts"

export type DockerfileOptions = {
  buildArguments?: readonly { name: string; value: string }[]
  target?: string | undefined
  /** Platform that is built for, `os/architecture[/variant]`. */
  platform: string
}

export type DockerfileDependencies = {
  /** What the result stands on; absent when that is `scratch`. */
  runtime: ImageReference | undefined
  /** Every other image that the build needs, each once, in order of first use. */
  buildtime: ImageReference[]
}

export type Dockerfile = {
  ok: true
  stages: (Stage & { isReachable: boolean })[]
  dependencies: DockerfileDependencies
  /** Image of `# syntax=`: no dependency of the result, but it runs in the build. */
  syntax: ImageReference | undefined
}

/**
 * Reads what a Dockerfile's build depends on, as BuildKit would build it (stages that the target does not need do not
 * count), without any engine. Mistakes are a result with line numbers. Differences from ACR's line scanner: see
 * `test/shared/dockerfile/conformance.test.ts`.
 */
export function readDockerfile(
  text: string,
  { buildArguments = [], target, platform }: DockerfileOptions,
): Dockerfile | { ok: false; problems: Problem[] } {
  const read = readInstructions(text)
  const given = new Map(buildArguments.map(({ name, value }) => [name, value]))
  const { stages, problems } = readStages(read, { predefined: platformArguments(platform), buildArguments: given })
  const wanted = target === undefined || target === "" ? stages.at(-1) : findTarget(stages, target)
  problems.unshift(...read.problems)
  if (wanted === undefined && stages.length > 0) {
    problems.push({ line: 1, message: `target stage "${target}" could not be found` })
  }
  if (wanted === undefined || problems.length > 0) return { ok: false, problems }
  const reachable = reach(wanted, stages)
  return {
    ok: true,
    stages: stages.map((stage) => ({ ...stage, isReachable: reachable.has(stage) })),
    dependencies: dependenciesOfStages(wanted, stages, reachable),
    syntax: read.syntax === undefined ? undefined : imageReference(read.syntax),
  }
}

/** By name without case, the last one of that name; engines take no number here. */
function findTarget(stages: Stage[], target: string): Stage | undefined {
  return stages.findLast((stage) => stage.name === target.toLowerCase())
}

function reach(wanted: Stage, stages: Stage[]): Set<Stage> {
  const reachable = new Set([wanted])
  for (const stage of reachable) {
    for (const source of [stage.base, ...stage.uses]) {
      const needed = source.type === "stage" ? stages[source.index] : undefined
      if (needed !== undefined) reachable.add(needed)
    }
  }
  return reachable
}

function dependenciesOfStages(wanted: Stage, stages: Stage[], reachable: Set<Stage>): DockerfileDependencies {
  let root = wanted.base
  while (root.type === "stage") root = stages[root.index]?.base ?? { type: "scratch" }
  const runtime = root.type === "image" ? root.reference : undefined
  const buildtime = new Map<string, ImageReference>()
  for (const stage of stages.filter((candidate) => reachable.has(candidate))) {
    for (const source of [stage.base, ...stage.uses]) {
      if (source.type === "image") buildtime.set(imageName(source.reference), source.reference)
    }
  }
  if (runtime !== undefined) buildtime.delete(imageName(runtime))
  return { runtime, buildtime: [...buildtime.values()] }
}
