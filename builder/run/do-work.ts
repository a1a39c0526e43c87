import type { RunSpec } from "../../shared/builders/run-spec.ts"
import type { Engine } from "../engine/engine.ts"
import type { RunLog } from "../log/run-log.ts"
import type { BackOff } from "../retry.ts"
import type { EventSender } from "../service/event-sender.ts"
import { dependenciesText } from "./dependencies-text.ts"
import { engineText } from "./engine-text.ts"
import { type ExecuteDeps, executeWork } from "./execute-work.ts"
import { fetchDepsOf } from "./fetch-deps-of.ts"
import { prepareContext } from "./prepare-context.ts"
import { readLogins } from "./read-logins.ts"
import { reportOf } from "./report-images.ts"

export type WorkDeps = Omit<ExecuteDeps, "engine" | "fetchDeps" | "log"> & {
  openEngine(): Promise<Engine>
  log: Pick<RunLog, "say" | "print" | "open">
  /** Hides the run's secrets. */
  maskSecrets(text: string): string
  events: Pick<EventSender, "send">
  caFile: string | undefined
  outageMs: number
  backOff: BackOff
}

/**
 * Everything between the claim and the end of a run. What the steps that ended have made is told even if a later one fails.
 * Errors: see `failureOf`; the signal's reason once it aborts.
 */
export async function doWork(spec: RunSpec, deps: WorkDeps): Promise<void> {
  const { log, events, signal } = deps
  const engine = await deps.openEngine()
  signal.throwIfAborted()
  const text = engineText(engine.choice, spec.isCacheEnabled)
  log.say(`Engine: ${text}`)
  events.send({ type: "started", engine: text })

  const ready = { ...spec, logins: await readLogins(spec.logins, { ...deps, say: log.say }) }
  const fetchDeps = fetchDepsOf(ready, { ...deps, say: log.say })
  const source = await prepareContext(ready, { ...fetchDeps, outageMs: deps.outageMs })
  try {
    await executeWork(ready, source, { ...deps, engine, fetchDeps })
  } finally {
    tellDependencies(deps)
  }
  signal.throwIfAborted()
}

function tellDependencies({ log, images, maskSecrets }: WorkDeps): void {
  const { dependencies } = reportOf(images, maskSecrets)
  if (dependencies === undefined) return
  log.say("The following dependencies were found:")
  log.say("")
  for (const line of dependenciesText(dependencies)) log.print(line)
}
