import type { ReadySpec } from "../../shared/builders/run-spec.ts"
import type { FetchDeps } from "../context/fetch-deps.ts"
import { registryAddress } from "../context/registry-address.ts"
import { SYSTEM_PATH } from "../engine/client-environment.ts"
import type { BackOff } from "../retry.ts"
import { platformText } from "./platform-text.ts"

/**
 * What fetching a source of this run needs. Private hosts are open where the operator named them: the service's own registry and the
 * insecure ones at their own port, and what `SLIPWAY_SOURCE_HOSTS` lists. A login that the request brings opens nothing.
 */
export function fetchDepsOf(
  spec: ReadySpec,
  deps: {
    workFolder: string
    caFile: string | undefined
    backOff: BackOff
    say(line: string): void
    signal: AbortSignal
  },
): FetchDeps {
  const logins = new Map(
    spec.logins.map(({ loginServer, userName, password }) => [loginServer, `${userName}:${password}`]),
  )
  return {
    workFolder: deps.workFolder,
    limits: spec.contextLimits,
    rules: { allowedHosts: openedHosts(spec) },
    backOff: deps.backOff,
    timeoutMs: spec.timeoutSeconds * 1000,
    caFile: deps.caFile,
    path: SYSTEM_PATH,
    ssh: spec.ssh,
    authOf(registry) {
      const login = logins.get(registry)
      return login === undefined ? undefined : Buffer.from(login, "utf8").toString("base64")
    },
    isInsecure: (registry) => spec.insecureRegistries.includes(registry),
    platform: platformText(spec.platform),
    say: deps.say,
    signal: deps.signal,
  }
}

function openedHosts({ allowedHosts, loginServer, insecureRegistries }: ReadySpec): string[] {
  const registries = [
    registryAddress(loginServer, insecureRegistries.includes(loginServer)),
    ...insecureRegistries.map((registry) => registryAddress(registry, true)),
  ]
  // `*` opens everything, which is for people on their own machine only (`task exec`).
  return [...allowedHosts.filter((host) => host !== "*"), ...registries.filter((address) => address !== undefined)]
}
