import type { LookupAddress } from "node:dns"
import { isIP } from "node:net"
import type { SourceSecrets } from "../../shared/contexts/take-secrets.ts"
import { basic } from "./download-archive.ts"
import type { FetchDeps } from "./fetch-deps.ts"
import type { GitRemote } from "./git-remote.ts"
import { sshCommand } from "./git-ssh.ts"

/** What holds for every repository: nothing of the system's, of the user's or of the repository's runs or is asked (triggers, "Security"). */
const CONFIG: [string, string][] = [
  ["advice.detachedHead", "false"],
  ["core.askPass", ""],
  ["core.fsmonitor", "false"],
  ["core.hooksPath", "/dev/null"],
  ["core.protectHFS", "true"],
  ["core.protectNTFS", "true"],
  ["credential.helper", ""],
  ["fetch.fsckObjects", "true"],
  ["fetch.recurseSubmodules", "false"],
  // What arrives stays one file, whose growth is watched.
  ["fetch.unpackLimit", "1"],
  ["gc.auto", "0"],
  ["http.followRedirects", "false"],
  ["http.lowSpeedLimit", "1"],
  ["http.lowSpeedTime", "60"],
  ["init.defaultBranch", "main"],
  ["maintenance.auto", "false"],
  ["protocol.allow", "never"],
  ["protocol.file.allow", "never"],
  ["submodule.recurse", "false"],
  ["transfer.bundleURI", "false"],
  ["transfer.fsckObjects", "true"],
]

/** What git-fsck(1) finds in many an honest history, by tools of long ago, and what changes no file. Everything else is refused. */
const HARMLESS_FAULTS = [
  "badDate",
  "badDateOverflow",
  "badEmail",
  "badName",
  "badTimezone",
  "missingEmail",
  "missingNameBeforeEmail",
  "missingSpaceBeforeDate",
  "missingSpaceBeforeEmail",
  "multipleAuthors",
  "nulInCommit",
  "zeroPaddedDate",
  "zeroPaddedFilemode",
]

/**
 * The whole environment of a git that talks to one remote. It connects to the addresses that were checked and to no others; the token
 * is a header for that origin, in the environment and so in no argument list, URL or file.
 */
export function gitEnvironment(
  remote: GitRemote,
  addresses: LookupAddress[],
  { login }: Pick<SourceSecrets, "login">,
  home: string,
  deps: Pick<FetchDeps, "path" | "caFile"> & { sshOptions?: readonly string[] | undefined },
): Record<string, string> {
  const faults = HARMLESS_FAULTS.map((fault) => [`fetch.fsck.${fault}`, "ignore"])
  const config = [...CONFIG, ...faults, [`protocol.${remote.protocol}.allow`, "always"]]
  if (remote.origin !== undefined) {
    if (login !== undefined) config.push([`http.${remote.origin}/.extraHeader`, `Authorization: ${basic(login)}`])
    if (deps.caFile !== undefined) config.push(["http.sslCAInfo", deps.caFile])
    if (isIP(remote.host.replace(/^\[|\]$/g, "")) === 0) {
      const list = addresses.map(({ address, family }) => (family === 6 ? `[${address}]` : address)).join(",")
      config.push(["http.curloptResolve", `${remote.host}:${remote.port}:${list}`])
    }
  }
  return {
    PATH: deps.path,
    HOME: home,
    LC_ALL: "C",
    GIT_ATTR_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_OPTIONAL_LOCKS: "0",
    GIT_TERMINAL_PROMPT: "0",
    ...(deps.sshOptions !== undefined && { GIT_SSH_COMMAND: sshCommand(deps.sshOptions), GIT_SSH_VARIANT: "ssh" }),
    ...configVariables(config),
  }
}

function configVariables(config: string[][]): Record<string, string> {
  const variables: Record<string, string> = { GIT_CONFIG_COUNT: String(config.length) }
  for (const [at, [key = "", value = ""]] of config.entries()) {
    variables[`GIT_CONFIG_KEY_${at}`] = key
    variables[`GIT_CONFIG_VALUE_${at}`] = value
  }
  return variables
}
