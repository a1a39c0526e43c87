import { shownLocation } from "../../shared/contexts/shown-location.ts"
import type { SourceSecrets } from "../../shared/contexts/take-secrets.ts"
import { ContextError } from "./context-error.ts"
import type { FetchDeps } from "./fetch-deps.ts"
import { gitEnvironment } from "./git-environment.ts"
import { gitRemote } from "./git-remote.ts"
import { checkedAddresses, isHostAllowed } from "./guarded-connect.ts"
import { type GitCall, type GitResult, runGit } from "./run-git.ts"

/** git in one folder, able to reach one remote and nothing else. */
export type RemoteGit = {
  run(args: string[], watch?: Pick<GitCall, "onOutput" | "isWithinLimits">): Promise<GitResult>
}

/**
 * Checks the way to a repository and returns the git that may go it. Errors: ContextError when it is neither https nor ssh (http only
 * where the operator opened the host), when its address is private, or when there is no key for ssh.
 */
export async function openGitRemote(
  { url, login }: { url: string; login: SourceSecrets["login"] },
  folder: string,
  deps: Pick<FetchDeps, "rules" | "path" | "caFile" | "ssh" | "signal"> & { home: string },
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
  if (remote.protocol === "ssh" && deps.ssh === undefined) {
    throw new ContextError(`This builder has no SSH key for ${shown}; use https:// (with a token if it is private).`)
  }
  const addresses = await checkedAddresses(remote.host, remote.port, deps.rules).catch((error: unknown) => {
    if (error instanceof ContextError) throw error
    throw new ContextError(`The repository ${shown} cannot be reached: no name service answers.`, { cause: error })
  })
  const env = gitEnvironment(remote, addresses, { ...(login !== undefined && { login }) }, deps.home, deps)
  const { signal } = deps
  return {
    run: (args, watch) => runGit(args, { ...watch, env, folder, signal }),
  }
}
