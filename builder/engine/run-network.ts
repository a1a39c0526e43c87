import { callEngine, explain } from "./call-engine.ts"
import { classifyBuildFailure } from "./classify-failure.ts"
import { RUN_LABEL } from "./clean-up.ts"
import type { EngineSession } from "./engine-session.ts"

/**
 * The run's own network, made when first needed: containers of other runs are not reachable from it. Where the engine's
 * network program knows no isolation, it is still a network of its own.
 */
export async function ensureNetwork(session: EngineSession): Promise<string> {
  if (session.network !== undefined) return session.network
  const { choice, runner, runId } = session
  const name = `slipway-run-${runId}`
  const create = (...options: string[]) => {
    const args = ["network", "create", ...options, `--label=${RUN_LABEL}=${runId}`, name]
    return callEngine(runner, { command: choice.command, args })
  }
  const isolated = await create("--opt=isolate=true")
  const answer = isolated.isSuccess ? isolated : await create()
  if (!answer.isSuccess) throw await explain(session, classifyBuildFailure(answer.lines))
  session.network = name
  return name
}
