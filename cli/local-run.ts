import type { RunVariables } from "../shared/templates/run-variables.ts"
import { runVariablesOf } from "../shared/templates/run-variables.ts"

export type LocalRun = {
  runId: string
  registry: string
  registryName?: string | undefined
  taskName?: string | undefined
}

/** This machine's platform in the registry's words; steps run in Linux containers. */
export function localPlatform(): { os: string; architecture: string } {
  return { os: "linux", architecture: process.arch === "x64" ? "amd64" : process.arch }
}

/** What of a run's spec says who it is; a registry without a name of its own is called after its host's first part, as acb does. */
export function localRunSpec({ runId, registry, registryName, taskName }: LocalRun, createdAt: Date) {
  return {
    runId,
    registryName: registryName ?? registry.split(".")[0] ?? "",
    loginServer: registry,
    createdAt: createdAt.toISOString(),
    ...(taskName === undefined ? {} : { taskName }),
    platform: localPlatform(),
  }
}

/** `.Run` of a run on this machine. */
export function localRunVariables(run: LocalRun, createdAt: Date): RunVariables {
  return runVariablesOf(localRunSpec(run, createdAt))
}
