import type { RunSpec } from "../../shared/builders/run-spec.ts"
import type { Engine } from "../engine/engine.ts"
import type { RunLog } from "../log/run-log.ts"
import type { BackOff } from "../retry.ts"
import type { EventSender } from "../service/event-sender.ts"
import { dependenciesText } from "./dependencies-text.ts"
import { engineText } from "./engine-text.ts"
import { maskDependencies, maskImage } from "./mask-image.ts"
import { prepareContext } from "./prepare-context.ts"
import { dependenciesOfRun, platformText, type Walked, walkSteps } from "./walk-steps.ts"
import { type NetworkRetry, withNetworkRetry } from "./with-network-retry.ts"

export type WorkDeps = {
  openEngine(): Promise<Engine>
  log: Pick<RunLog, "say" | "print">
  /** Hides the run's secrets. */
  maskSecrets(text: string): string
  /** Makes one line of what an engine said, with nothing in it that the engine's own output would not show. */
  causeText(said: string): string
  events: Pick<EventSender, "send">
  workFolder: string
  outageMs: number
  backOff: BackOff
  retries: NetworkRetry
  signal: AbortSignal
}

/**
 * Everything between the claim and the end of a run. What the steps that ended have made is reported even if a later one fails.
 * Errors: see `failureOf`; the signal's reason once it aborts.
 */
export async function doWork(spec: RunSpec, deps: WorkDeps): Promise<void> {
  const { log, events, signal } = deps
  const engine = await deps.openEngine()
  signal.throwIfAborted()
  const text = engineText(engine.choice, spec.isCacheEnabled)
  log.say(`Engine: ${text}`)
  events.send({ type: "started", engine: text })

  const contextFolder = await prepareContext(spec, deps)
  await logIn(spec, engine, deps)
  const walked: Walked = { images: [], builds: [] }
  try {
    await walkSteps(spec, walked, { ...deps, engine, contextFolder })
  } finally {
    report(spec, walked, deps)
  }
  signal.throwIfAborted()
}

async function logIn(spec: RunSpec, engine: Engine, { log, causeText, retries, signal }: WorkDeps): Promise<void> {
  if (spec.logins.length === 0) return
  log.say("Setting up Docker configuration...")
  log.say("Successfully set up Docker configuration")
  for (const login of spec.logins) {
    log.say(`Logging in to registry: ${login.loginServer}`)
    await withNetworkRetry(
      () => engine.login(login),
      retries,
      signal,
      (why) => log.say(`The registry was not reached and is tried again: ${causeText(why)}`),
    )
    log.say(`Successfully logged into ${login.loginServer}`)
  }
}

function report(spec: RunSpec, walked: Walked, { log, events, maskSecrets }: WorkDeps): void {
  const images = walked.images.slice(0, 200).map((image) => maskImage(image, maskSecrets))
  if (images.length > 0) events.send({ type: "images", images })
  if (walked.builds.length === 0) return
  const dependencies = dependenciesOfRun(walked, platformText(spec.platform))
    .slice(0, 200)
    .map((one) => maskDependencies(one, maskSecrets))
  events.send({ type: "dependencies", dependencies })
  log.say("The following dependencies were found:")
  log.say("")
  for (const line of dependenciesText(dependencies)) log.print(line)
}
