import { shownLocation } from "../../shared/contexts/shown-location.ts"
import type { SourceSecrets } from "../../shared/contexts/take-secrets.ts"
import { ContextError, quoteName } from "./context-error.ts"
import type { RemoteGit } from "./git-connection.ts"
import { firstFault, type GitFailure, lastSaid } from "./git-failure.ts"
import { gitRemote } from "./git-remote.ts"
import { nearNames } from "./near-names.ts"
import { sshFailure } from "./ssh-failure.ts"

/** Makes one line for the user of what git or ssh said last. */
export async function explainGitFailure(
  failure: GitFailure,
  stderr: string,
  { url, ref, login }: { url: string; ref: string; login: SourceSecrets["login"] },
  git: Pick<RemoteGit, "run">,
): Promise<ContextError> {
  const shown = shownLocation(url)
  const cause = { cause: new Error(lastSaid(stderr)) }
  if (failure === "ref") {
    if (ref === "") return new ContextError(`The repository ${shown} is empty: it has no default branch.`, cause)
    const { stdout } = await git.run(["ls-remote", "--quiet", "--heads", "--tags", "--refs", "--", "origin"])
    const names = [...stdout.matchAll(/\trefs\/(?:heads|tags)\/(.+)$/gm)].map(([, name = ""]) => name)
    const near = nearNames(ref, names).map(quoteName)
    const hint = near.length === 0 ? "" : `; near it: ${near.join(", ")}`
    return new ContextError(`The repository ${shown} has no branch, tag or commit ${quoteName(ref)}${hint}.`, cause)
  }
  const remote = gitRemote(url)
  if (remote?.protocol === "ssh") {
    const { host, port } = remote
    const why = sshFailure(stderr, quoteName(port === 22 ? host : `${host}:${port}`))
    if (why !== undefined) return new ContextError(`The repository ${shown} cannot be fetched: ${why}.`, cause)
    if (failure === "auth" || failure === "missing") {
      return new ContextError(
        `The repository ${shown} was not found, or this builder's SSH key may not read it: check its URL, and where the key is let in.`,
        cause,
      )
    }
  }
  if (failure === "auth" || failure === "missing") {
    return new ContextError(
      login === undefined
        ? `The repository ${shown} was not found, or it is private: check its URL, or give a token as https://<token>@host/….`
        : `The repository ${shown} was not found, or authentication failed: check its URL, and that the token has not expired and may read it.`,
      cause,
    )
  }
  if (failure === "redirect") {
    return new ContextError(`The repository ${shown} redirects in a circle, or to what is no repository.`, cause)
  }
  if (failure === "malformed") {
    return new ContextError(`The repository ${shown} is malformed: ${firstFault(stderr)}`, cause)
  }
  const why = failure === "network" ? "cannot be reached" : "cannot be fetched"
  return new ContextError(`The repository ${shown} ${why}: ${lastSaid(stderr)}`, cause)
}
