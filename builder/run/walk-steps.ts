import type { ImageDependencies } from "../../shared/builders/builder-messages.ts"
import type { BuildStep, RunSpec, Step } from "../../shared/builders/run-spec.ts"
import { dependenciesOf } from "../../shared/dockerfile/dependencies-of.ts"
import { readDockerfile } from "../../shared/dockerfile/read-dockerfile.ts"
import type { ImageDescriptor } from "../../shared/registry/image-descriptor.ts"
import { runVariablesOf } from "../../shared/templates/run-variables.ts"
import type { BuildResult, Engine, OnLine } from "../engine/engine.ts"
import { descriptorOf, type TargetImage, targetImageOf } from "../images/image-name.ts"
import type { RunLog } from "../log/run-log.ts"
import { failureOf, isNetworkFailure } from "./failure-of.ts"
import { findDockerfile } from "./find-dockerfile.ts"
import { RunFailure } from "./run-failure.ts"
import { type NetworkRetry, withNetworkRetry } from "./with-network-retry.ts"

export type WalkDeps = {
  engine: Engine
  log: Pick<RunLog, "say" | "print">
  causeText(said: string): string
  contextFolder: string
  retries: NetworkRetry
  signal: AbortSignal
}

/** What the steps that ended have made; filled while they run, so that a failed run still reports it. */
export type Walked = { images: ImageDescriptor[]; builds: Built[] }
type Built = { stepId: string; images: TargetImage[]; result: BuildResult; dockerfile: string; step: BuildStep }

/** Runs the steps in order. The first failure ends the walk. Errors: RunFailure, EngineError, the signal's reason. */
export async function walkSteps(spec: RunSpec, walked: Walked, deps: WalkDeps): Promise<void> {
  const variables = runVariablesOf(spec)
  const resolve = (names: string[]) => [
    ...new Map(names.map((name) => target(name, variables)).map((image) => [image.fullName, image])).values(),
  ]
  // All names are checked before anything is built: a mistake in the last step should not cost a whole build.
  const plan = spec.steps.map((step) => ({ step, images: resolve(step.imageNames) }))
  const isPushing = spec.steps.some(({ type }) => type === "push")
  const elapsed: { step: Step; ms: number }[] = []

  for (const { step, images } of plan) {
    const startedAt = performance.now()
    deps.log.say(
      `Executing step ID: ${step.id}. Timeout(sec): ${spec.timeoutSeconds}, Working directory: '', Network: ''`,
    )
    try {
      if (step.type === "build") walked.builds.push(await buildImage(spec, step, images, isPushing, deps))
      else await pushImages(images, walked, deps)
    } catch (error) {
      deps.signal.throwIfAborted()
      throw inStep(step, error)
    }
    elapsed.push({ step, ms: performance.now() - startedAt })
  }
  for (const { step, ms } of elapsed) {
    deps.log.say(`Step ID: ${step.id} marked as successful (elapsed time in seconds: ${(ms / 1000).toFixed(6)})`)
    if (step.type === "push") continue
    // The engine has said the digests already; the words are acb's.
    deps.log.say(`Populating digests for step ID: ${step.id}...`)
    deps.log.say(`Successfully populated digests for step ID: ${step.id}`)
  }
}

/** What every build that ended stands on; one entry for each of its names, one without a name when it has none (task-file 7.2). */
export function dependenciesOfRun(walked: Walked, platform: string): ImageDependencies[] {
  return walked.builds.flatMap(({ images, result, dockerfile, step }) => {
    const read = readDockerfile(dockerfile, { buildArguments: step.arguments, target: step.target, platform })
    // An engine may understand more than we do; then what it resolved is what we know.
    const dependencies = read.ok ? read.dependencies : { runtime: undefined, buildtime: [] }
    const described = images.map((image) => {
      const pushed = walked.images.find(
        (one) => one.registry === image.registry && one.repository === image.repository && one.tag === image.tag,
      )
      return descriptorOf(image, pushed?.digest)
    })
    return (described.length === 0 ? [undefined] : described).map((image) =>
      dependenciesOf({ dependencies }, result.bases, image),
    )
  })
}

export function platformText({ os, architecture, variant }: RunSpec["platform"]): string {
  return [os, architecture, variant].filter((part) => part !== undefined && part !== "").join("/")
}

async function buildImage(
  spec: RunSpec,
  step: BuildStep,
  images: TargetImage[],
  isPushing: boolean,
  deps: WalkDeps,
): Promise<Built> {
  const dockerfile = await findDockerfile(deps.contextFolder, step.dockerFilePath)
  const options = {
    contextFolder: deps.contextFolder,
    dockerfilePath: dockerfile.path,
    images: images.map(({ fullName }) => fullName),
    target: step.target,
    buildArguments: step.arguments.map(({ name, value }) => ({ name, value })),
    platform: platformText(spec.platform),
    noCache: step.noCache,
    cache: { isRead: spec.isCacheEnabled && !step.noCache, isWritten: spec.isCacheEnabled && isPushing },
    labels: {},
    onLine: onLineOf(deps),
  }
  const result = await withNetworkRetry(
    () => deps.engine.build(options),
    deps.retries,
    deps.signal,
    (why) => deps.log.say(`The build could not reach what it needs and is tried again: ${deps.causeText(why)}`),
  )
  deps.log.say(`Successfully executed container: ${step.id}`)
  return { stepId: step.id, images, result, dockerfile: dockerfile.text, step }
}

async function pushImages(images: TargetImage[], walked: Walked, deps: WalkDeps): Promise<void> {
  for (const image of images) {
    const built = walked.builds.findLast((build) => build.images.some(({ fullName }) => fullName === image.fullName))
    if (built === undefined) {
      throw new RunFailure("Failed", `The image ${image.fullName} cannot be pushed: no earlier step has built it.`)
    }
    const digest = await withNetworkRetry(
      (attempt) => {
        deps.log.say(`Pushing image: ${image.fullName}, attempt ${attempt}`)
        return deps.engine.push(built.result.imageId, image.fullName, onLineOf(deps))
      },
      deps.retries,
      deps.signal,
      (why) => deps.log.say(`The push did not reach the registry and is tried again: ${deps.causeText(why)}`),
    )
    deps.log.say(`Successfully pushed image: ${image.fullName}`)
    walked.images.push(descriptorOf(image, digest))
  }
}

function onLineOf({ log }: WalkDeps): OnLine {
  return (line, _stream, isPiece) => log.print(line, isPiece)
}

function target(name: string, variables: ReturnType<typeof runVariablesOf>): TargetImage {
  const result = targetImageOf(name, variables)
  if (result.ok) return result.image
  throw new RunFailure("Failed", result.problem)
}

/**
 * `failed to run step ID: build: …`, the words of acb's last line (task-file 8), around whatever went wrong. What a build
 * cannot reach is named in the user's Dockerfile, so that is a failed build; where to push is the operator's matter.
 */
function inStep(step: Step, error: unknown): RunFailure {
  const { outcome, message } = failureOf(error)
  const isUsers = step.type === "build" && isNetworkFailure(error)
  return new RunFailure(isUsers ? "Failed" : outcome, `failed to run step ID: ${step.id}: ${message}`, { cause: error })
}
