import type { RunSpec } from "../shared/builders/run-spec.ts"
import type { BuilderConfig } from "./config.ts"
import { createEngine } from "./engine/create-engine.ts"
import type { Engine } from "./engine/engine.ts"
import { engineCandidates } from "./engine/engine-candidates.ts"
import { probeEngine } from "./engine/probe-engine.ts"

/** The engine that the builder was given, or the first that answers. Errors: EngineError. */
export async function openEngine(
  spec: Pick<RunSpec, "runId" | "insecureRegistries" | "loginServer">,
  { engine, workFolder, caFile, environment }: Pick<BuilderConfig, "engine" | "workFolder" | "caFile" | "environment">,
): Promise<Engine> {
  const choice = engine ?? (await probeEngine(await engineCandidates(environment), { settingsFolder: workFolder }))
  return createEngine(choice, {
    runId: spec.runId,
    workFolder,
    insecureRegistries: spec.insecureRegistries,
    caFile,
    owner: spec.loginServer,
  })
}
