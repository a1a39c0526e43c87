import { callEngine, explain } from "./call-engine.ts"
import { classifyBuildFailure } from "./classify-failure.ts"
import { RUN_LABEL } from "./clean-up.ts"
import type { EngineSession } from "./engine-session.ts"

export type NetworkOptions = {
  /** Lower-case letters, digits and `-`; unique in the run. Undefined: the one that every step of the run is on. */
  name?: string | undefined
  driver?: string | undefined
  isIpv6?: boolean
  /** Containers find no other by its name: podman's option, see {@link BUILD_NETWORK}. */
  isNameless?: boolean
}

/**
 * The network of a run's builds on podman, which would put all runs on one. A build is a process namespace of its own, in which podman's
 * network program takes the number of the machine's name server for that of some other process: it would start a second server, or send
 * its signal to whoever has that number. Builds know no names on docker either.
 */
export const BUILD_NETWORK: NetworkOptions = { name: "build", isNameless: true }

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

async function createNetwork(session: EngineSession, options: NetworkOptions): Promise<string> {
  const { choice, runner } = session
  const create = (isIsolated: boolean) => {
    const args = networkArguments(options, session, isIsolated)
    return callEngine(runner, { command: choice.command, args })
  }
  const isolated = await create(true)
  const answer = isolated.isSuccess ? isolated : await create(false)
  if (!answer.isSuccess) throw await explain(session, classifyBuildFailure(answer.lines))
  return networkNameOf(options, session)
}

/** The engine's words to make a network of a run. `isIsolated`: asks that no other network reaches it, which not every engine can. */
export function networkArguments(
  options: NetworkOptions,
  session: Pick<EngineSession, "runId">,
  isIsolated: boolean,
): string[] {
  const { driver, isIpv6, isNameless } = options
  return [
    ...["network", "create"],
    ...(driver === undefined || driver === "" ? [] : [`--driver=${driver}`]),
    ...(isIpv6 === true ? ["--ipv6"] : []),
    ...(isNameless === true ? ["--disable-dns"] : []),
    ...(isIsolated ? ["--opt=isolate=true"] : []),
    ...[`--label=${RUN_LABEL}=${session.runId}`, networkNameOf(options, session)],
  ]
}

/** The engine's name of a network of the run. */
export function networkNameOf({ name }: NetworkOptions, session: Pick<EngineSession, "runId">): string {
  return name === undefined ? runNetworkName(session) : `${runNetworkName(session)}-${name}`
}

function runNetworkName({ runId }: Pick<EngineSession, "runId">): string {
  return `slipway-run-${runId}`
}
