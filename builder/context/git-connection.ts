import { shownLocation } from "../../shared/contexts/shown-location.ts"
import type { SourceSecrets } from "../../shared/contexts/take-secrets.ts"
import { ContextError } from "./context-error.ts"
import type { FetchDeps } from "./fetch-deps.ts"
import { gitEnvironment } from "./git-environment.ts"
import { gitRemote, sshTarget } from "./git-remote.ts"
import { sshOptions, writeSshFiles } from "./git-ssh.ts"
import { checkedAddresses, isHostAllowed } from "./guarded-connect.ts"
import { type GitCall, type GitResult, runGit, runProgram } from "./run-git.ts"

/** git in one folder, able to reach one remote and nothing else. */
export type RemoteGit = {
  run(args: string[], watch?: Pick<GitCall, "onOutput" | "isWithinLimits">): Promise<GitResult>
  /** Runs a command on the repository's host, where that is reached by ssh. */
  runThere?: (command: string) => Promise<GitResult>
}

/** Answers of commands are short. */
const MAX_THERE_BYTES = 64 * 1024

/**
 * Checks the way to a repository and returns the git that may go it. Errors: ContextError when it is neither https nor ssh (http only
 * where the operator opened the host), when its address is private, or when there is no key for ssh. `attempt` counts from 0.
 */
export async function openGitRemote(
  { url, login }: { url: string; login: SourceSecrets["login"] },
  folder: string,
  deps: Pick<FetchDeps, "rules" | "path" | "caFile" | "ssh" | "signal"> & { home: string },
  attempt: number,
): Promise<RemoteGit> {
  const remote = gitRemote(url)
  const shown = shownLocation(url)
  if (remote === undefined) {
    throw new ContextError(`${shown} is no way to a repository; only https:// and ssh:// (or git@host:path) are.`)
  }
  if (remote.protocol === "http" && !isHostAllowed(remote.host, remote.port, deps.rules)) {
    throw new ContextError(
      `The repository ${shown} uses http://, which neither encrypts nor proves anything; use https://.`,
    )
  }
  if (remote.protocol === "ssh" && "problem" in deps.ssh) {
    throw new ContextError(
      `The repository ${shown} cannot be fetched by ssh: ${deps.ssh.problem}. Or use https:// (with a token if it is private).`,
    )
  }
  const addresses = await checkedAddresses(remote.host, remote.port, deps.rules).catch((error: unknown) => {
    if (error instanceof ContextError) throw error
    throw new ContextError(`The repository ${shown} cannot be reached: no name service answers.`, { cause: error })
  })
  const options =
    remote.protocol === "ssh" && !("problem" in deps.ssh)
      ? // One that does not answer is followed by the next.
        sshOptions(remote, addresses[attempt % addresses.length], await writeSshFiles(deps.ssh, deps.home))
      : undefined
  const secrets = login === undefined ? {} : { login }
  const env = gitEnvironment(remote, addresses, secrets, deps.home, { ...deps, sshOptions: options })
  const { signal } = deps
  return {
    run: (args, watch) => runGit(args, { ...watch, env, folder, signal }),
    ...(options !== undefined && {
      runThere: (command) =>
        runProgram("ssh", [...options, ...sshTarget(url), command], { env, folder, signal, maxBytes: MAX_THERE_BYTES }),
    }),
  }
}
