import { imageName, imageReference } from "../../shared/registry/image-reference.ts"
import type { PushStep } from "../../shared/task-file/task.ts"
import { RunFailure } from "../failures/run-failure.ts"
import { withNetworkRetry } from "../failures/with-network-retry.ts"
import type { Attempt } from "./attempt-step.ts"
import { builtAs } from "./run-images.ts"
import type { StepDeps } from "./step-deps.ts"

export type PushStepDeps = Pick<StepDeps, "engine" | "log" | "images" | "rights" | "retries" | "causeText">

/**
 * A push step: each image in turn, tried again when its registry is away (task-file 3.3). Where steps are given the engine's socket, what
 * they have made with it (`pack build`, `docker build`) can be pushed as well. Errors: RunFailure, EngineError.
 */
export async function runPushStep(
  step: Pick<PushStep, "images">,
  { signal }: Pick<Attempt, "signal">,
  deps: PushStepDeps,
): Promise<void> {
  const { engine, log, images, rights, retries, causeText } = deps
  for (const text of step.images) {
    const reference = imageReference(text)
    if (reference?.tag === undefined || reference.digest !== undefined) {
      throw new RunFailure("Failed", `failed to push ${text}: it is no image name with a tag`)
    }
    const name = imageName(reference)
    const isAdoptable = rights.has("socket")
    const imageId = builtAs(images, name)?.result.imageId ?? (isAdoptable ? await engine.adopt(name) : undefined)
    if (imageId === undefined) throw new RunFailure("Failed", notBuilt(text, name))
    const stream = log.open()
    const digest = await withNetworkRetry(
      (attempt) => {
        log.say(`Pushing image: ${text}, attempt ${attempt}`)
        return engine.push(imageId, name, (line, _stream, isPiece) => stream.print(line, isPiece), signal)
      },
      retries,
      signal,
      (why) => log.say(`The push did not reach the registry and is tried again: ${causeText(why)}`),
    ).finally(() => stream.close())
    log.say(`Successfully pushed image: ${text}`)
    images.pushed.push({ registry: reference.registry, repository: reference.repository, tag: reference.tag, digest })
  }
}

function notBuilt(text: string, name: string): string {
  const isShort = name.startsWith("docker.io/") && !text.startsWith("docker.io/")
  const hint = isShort ? `; without a registry it means ${name}, write $Registry/${text} for the run's own` : ""
  return `The image ${isShort ? text : name} cannot be pushed: no earlier step has built it${hint}.`
}
