import path from "node:path"
import { readLocalSettings } from "../local/config.ts"
import { readStack } from "../local/stack.ts"
import { loginServer } from "../local/stack-urls.ts"
import { readRunningSupervisor } from "../local/supervisor/supervisor-file.ts"
import type { RegistryLogin } from "../shared/builders/run-spec.ts"

/** Stands in for the registry of a run that has none; no such host can exist (RFC 2606). */
export const NO_REGISTRY = "registry.example"

export type LocalRegistry = {
  registry: { registry: string; registryName: string | undefined }
  /** Those of the stack that runs and of its further registries, which a run on this machine may use. */
  logins: RegistryLogin[]
  insecureRegistries: string[]
  /** PEM file of every authority to trust. */
  caFile: string | undefined
}

/**
 * The registry of a run: the named one, else that of the stack that runs on `SLIPWAY_DATA`, else {@link NO_REGISTRY}. Errors: settings
 * that cannot be used, a stack whose state cannot be read.
 */
export async function localRegistry(
  named: string | undefined,
  environment: Readonly<Record<string, string>>,
): Promise<LocalRegistry> {
  const { SLIPWAY_DATA: dataFolder, SLIPWAY_EXTRA_REGISTRIES: extra } = readLocalSettings(environment)
  const stack = readRunningSupervisor(dataFolder) === undefined ? undefined : await readStack(dataFolder)
  const own = stack === undefined ? [] : [{ ...stack.registry, loginServer: loginServer(stack), isInsecure: false }]
  const all = [...own, ...extra]
  const registry = named ?? own[0]?.loginServer ?? NO_REGISTRY
  return {
    registry: { registry, registryName: all.find((one) => one.loginServer === registry)?.name },
    logins: all.flatMap((one) => {
      const { userName, password } = one
      return userName === undefined || password === undefined
        ? []
        : [{ loginServer: one.loginServer, userName, password }]
    }),
    insecureRegistries: all.flatMap((one) => (one.isInsecure ? [one.loginServer] : [])),
    caFile: stack === undefined ? undefined : path.join(stack.dataFolder, "ca", "bundle.pem"),
  }
}
