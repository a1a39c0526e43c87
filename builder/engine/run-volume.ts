import { callEngine } from "./call-engine.ts"
import { RUN_LABEL } from "./clean-up.ts"
import { EngineError } from "./engine-error.ts"
import type { EngineSession } from "./engine-session.ts"

/** A volume of the run's own, empty when it is first asked for; removed with the run. Returns the engine's name of it. Errors: EngineError. */
export async function createVolume({ choice, runner, runId }: EngineSession, name: string): Promise<string> {
  const volume = `slipway-${runId}-${name}`
  const args = ["volume", "create", `--label=${RUN_LABEL}=${runId}`, volume]
  const { isSuccess, lines } = await callEngine(runner, { command: choice.command, args })
  // podman refuses what docker takes for a repetition.
  if (isSuccess || lines.some(({ line }) => /already exists/i.test(line))) return volume
  throw new EngineError("EngineUnavailable", `the volume ${name} cannot be made: ${lines.at(-1)?.line ?? ""}`)
}
