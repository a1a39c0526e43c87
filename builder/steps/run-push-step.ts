import { imageName, imageReference } from "../../shared/registry/image-reference.ts"
import type { PushStep } from "../../shared/task-file/task.ts"
import { RunFailure } from "../run/run-failure.ts"
import { withNetworkRetry } from "../run/with-network-retry.ts"
import type { Attempt } from "./attempt-step.ts"
import { builtAs } from "./run-images.ts"
import type { StepDeps } from "./step-deps.ts"

/** A push step: each image in turn, tried again when its registry is away (task-file 3.3). Errors: RunFailure, EngineError. */
export async function runPushStep(step: PushStep, { signal }: Attempt, deps: StepDeps): Promise<void> {
  const { engine, log, images, retries, causeText } = deps
  for (const text of step.images) {
    const reference = imageReference(text)
    if (reference?.tag === undefined || reference.digest !== undefined) {
      throw new RunFailure("Failed", `failed to push ${text}: it is no image name with a tag`)
    }
    const name = imageName(reference)
    const built = builtAs(images, name)
    if (built === undefined) throw new RunFailure("Failed", notBuilt(text, name))
    const stream = log.open()
    const digest = await withNetworkRetry(
      (attempt) => {
        log.say(`Pushing image: ${text}, attempt ${attempt}`)
        return engine.push(built.result.imageId, name, (line, _stream, isPiece) => stream.print(line, isPiece))
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
