import { callEngine, explain } from "./call-engine.ts"
import { classifyBuildFailure } from "./classify-failure.ts"
import { RUN_LABEL } from "./clean-up.ts"
import type { EngineSession } from "./engine-session.ts"

export type NetworkOptions = {
  /** Lower-case letters, digits and `-`; unique in the run. Undefined: the one that every step and build of the run is on. */
  name?: string | undefined
  driver?: string | undefined
  isIpv6?: boolean
}

/**
 * A network of the run's own, made when it is first asked for: containers of other runs are not reachable from it. Where the
 * engine's network program knows no isolation, it is still a network of its own. Returns the engine's name of it. Errors: EngineError.
 */
export function ensureNetwork(session: EngineSession, options: NetworkOptions = {}): Promise<string> {
  const key = options.name ?? ""
  const made = session.networks.get(key) ?? createNetwork(session, options)
  session.networks.set(key, made)
  // A later attempt may succeed.
  made.catch(() => session.networks.delete(key))
  return made
}

async function createNetwork(session: EngineSession, { name, driver, isIpv6 }: NetworkOptions): Promise<string> {
  const { choice, runner } = session
  const networkName = name === undefined ? runNetworkName(session) : `${runNetworkName(session)}-${name}`
  const settings = [
    ...(driver === undefined || driver === "" ? [] : [`--driver=${driver}`]),
    ...(isIpv6 === true ? ["--ipv6"] : []),
  ]
  const create = (...options: string[]) => {
    const args = ["network", "create", ...settings, ...options, `--label=${RUN_LABEL}=${session.runId}`, networkName]
    return callEngine(runner, { command: choice.command, args })
  }
  const isolated = await create("--opt=isolate=true")
  const answer = isolated.isSuccess ? isolated : await create()
  if (!answer.isSuccess) throw await explain(session, classifyBuildFailure(answer.lines))
  return networkName
}

/** Name of the network that everything of a run is on, unless its task says otherwise. */
export function runNetworkName({ runId }: Pick<EngineSession, "runId">): string {
  return `slipway-run-${runId}`
}
