import type { EngineChoice } from "../../builder/engine/engine.ts"
import type { BuilderLaunch } from "../../shared/builders/launcher.ts"

export type BuilderPlace = {
  env: Record<string, string>
  caFile: string
  workFolder: string
  engine: EngineChoice | undefined
}

/** All that a builder process is given (docs/architecture.md): its run, its folder, its engine; no key, no account. */
export function builderEnvironment(launch: BuilderLaunch, place: BuilderPlace): Record<string, string> {
  return {
    ...place.env,
    NODE_EXTRA_CA_CERTS: place.caFile,
    SLIPWAY_RUN_URL: launch.runUrl,
    SLIPWAY_RUN_TOKEN: launch.runToken,
    SLIPWAY_BUILDER_ATTEMPT: String(launch.attempt),
    SLIPWAY_WORK_DIR: place.workFolder,
    ...(place.engine === undefined ? {} : { SLIPWAY_ENGINE: JSON.stringify(place.engine) }),
  }
}
