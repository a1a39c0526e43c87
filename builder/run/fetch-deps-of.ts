import type { RunSpec } from "../../shared/builders/run-spec.ts"
import type { FetchDeps } from "../context/fetch-deps.ts"
import { SYSTEM_PATH } from "../engine/client-environment.ts"
import type { BackOff } from "../retry.ts"
import { platformText } from "./platform-text.ts"

/** What fetching a source of this run needs. Its own registries may be private; any other private host is the operator's to open. */
export function fetchDepsOf(
  spec: RunSpec,
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
    rules: { allowedHosts: [...spec.allowedHosts, spec.loginServer, ...spec.insecureRegistries, ...logins.keys()] },
    backOff: deps.backOff,
    timeoutMs: spec.timeoutSeconds * 1000,
    caFile: deps.caFile,
    path: SYSTEM_PATH,
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
