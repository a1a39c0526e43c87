import { existsSync, readdirSync, statSync } from "node:fs"
import { readFile } from "node:fs/promises"
import type { SourceSecrets } from "../../shared/contexts/take-secrets.ts"
import { backOffMs, pause } from "../retry.ts"
import { ContextError } from "./context-error.ts"
import { explainGitFailure } from "./explain-git-failure.ts"
import type { FetchDeps } from "./fetch-deps.ts"
import { openGitRemote, type RemoteGit } from "./git-connection.ts"
import { gitFailure, lastSaid } from "./git-failure.ts"
import { movedTo } from "./git-redirect.ts"
import { gitRemote } from "./git-remote.ts"
import { type GitTree, readGitTree } from "./git-tree.ts"

const MAX_RETRIES = 2
/** What git calls the ref that it fetched last, and keeps in a file of that name. */
const FETCHED = "FETCH_HEAD"
const PACK_SLACK_BYTES = 1024 * 1024
const COMMIT = /^[0-9a-f]{4,64}$/i
const EVERYTHING = ["+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*"]

export type GitDeps = Pick<
  FetchDeps,
  "limits" | "rules" | "backOff" | "ca" | "caFile" | "path" | "ssh" | "say" | "signal"
> & {
  /** HOME of git and of what it starts. */
  home: string
}
export type Wanted = { url: string; ref: string; login: SourceSecrets["login"] }
export type Checkout = { url: string; revision: string; branch: string | undefined; tree: GitTree; git: RemoteGit }

/**
 * Fetches one commit into the empty `folder` and checks it out: shallow first, more only when the server or a short commit asks for it. A ref
 * is a branch, a tag, a commit, `pull/N/head` or anything below `refs/`; empty: the default branch. Errors: ContextError; the
 * signal's reason.
 */
export async function checkOutRepository(
  wanted: Wanted,
  folder: string,
  used: { entries: number; bytes: number },
  deps: GitDeps,
): Promise<Checkout> {
  let { url, login } = wanted
  for (let attempt = 0; ; attempt += 1) {
    const git = await openGitRemote({ url, login }, folder, deps, attempt)
    if (attempt === 0) {
      await must(git, ["init", "--quiet", "--template="])
      await must(git, ["remote", "add", "--no-tags", "--", "origin", url])
    }
    const [fetched, branch] = await Promise.all([
      fetchRef(git, wanted.ref, packLimit(folder, deps)),
      defaultBranch(git, wanted.ref),
    ])
    if ("commit" in fetched) {
      const tree = await readGitTree(git, fetched.commit, deps.limits, used)
      await must(git, ["checkout", "--quiet", "--force", "--detach", fetched.commit])
      const revision = (await readFile(`${folder}/.git/HEAD`, "utf8")).trim()
      const named = fetched.commit === FETCHED ? await fetchedBranch(folder) : undefined
      return { url, revision, branch: branch ?? named, tree, git }
    }
    const failure = gitFailure(fetched.stderr)
    if (failure === "network" && attempt < MAX_RETRIES) {
      await pause(backOffMs(attempt + 1, deps.backOff), deps.signal)
      continue
    }
    const moved = failure === "redirect" && attempt === 0 ? await movedTo(url, deps) : undefined
    if (moved === undefined) throw await explainGitFailure(failure, fetched.stderr, { ...wanted, url, login }, git)
    if (gitRemote(moved)?.origin !== gitRemote(url)?.origin) login = undefined
    url = moved
    await must(git, ["remote", "set-url", "--", "origin", url])
  }
}

type Fetched = { commit: string } | { stderr: string }

/** True while what git has received stays within the limit: packed, it is no larger than what it holds, but for small things. */
function packLimit(folder: string, { limits }: GitDeps): () => boolean {
  const packs = `${folder}/.git/objects/pack`
  return () => {
    const names = existsSync(packs) ? readdirSync(packs).filter((name) => /^tmp_pack|\.pack$/.test(name)) : []
    const sizes = names.map((name) => statSync(`${packs}/${name}`, { throwIfNoEntry: false })?.size ?? 0)
    return sizes.reduce((sum, size) => sum + size, 0) <= limits.maxBytes + PACK_SLACK_BYTES
  }
}

async function fetchRef(git: RemoteGit, ref: string, isWithinLimits: () => boolean): Promise<Fetched> {
  const fetch = async (depth: string[], ...refs: string[]) => {
    const args = ["fetch", "--quiet", "--no-tags", "--no-recurse-submodules", ...depth, "--", "origin", ...refs]
    const result = await git.run(args, { isWithinLimits })
    if (isWithinLimits()) return result
    throw new ContextError("The repository is larger than the limit; fetch less of it, or ask the operator for more.")
  }
  const name = ref === "" ? "HEAD" : ref
  let { exitCode, stderr } = await fetch(["--depth=1"], name)
  if (exitCode !== 0 && gitFailure(stderr) === "shallow") ({ exitCode, stderr } = await fetch([], name))
  if (exitCode === 0) return { commit: FETCHED }
  if (gitFailure(stderr) !== "ref" || !COMMIT.test(ref)) return { stderr }
  // A short commit, or a server that gives out only what has a name: look for it in everything that has.
  const all = await fetch([], ...EVERYTHING)
  if (all.exitCode !== 0) return { stderr: all.stderr }
  const found = await git.run(["rev-parse", "--verify", "--quiet", `${ref}^{commit}`])
  return found.exitCode === 0 ? { commit: found.stdout.trim() } : { stderr }
}

/** The name of the branch that an empty ref means; asked while it is fetched. */
async function defaultBranch(git: RemoteGit, ref: string): Promise<string | undefined> {
  if (ref !== "") return undefined
  const { stdout } = await git.run(["ls-remote", "--symref", "--", "origin", "HEAD"])
  return /^ref: refs\/heads\/(\S+)\tHEAD$/m.exec(stdout)?.[1]
}

async function fetchedBranch(folder: string): Promise<string | undefined> {
  const text = await readFile(`${folder}/.git/${FETCHED}`, "utf8")
  return /^[0-9a-f]+\t\tbranch '(.+)' of /.exec(text)?.[1]
}

/** Errors: an error of ours; nothing that a user writes makes these calls fail. */
async function must(git: RemoteGit, args: string[]): Promise<void> {
  const { exitCode, stderr } = await git.run(args)
  if (exitCode !== 0) throw new ContextError(`The repository cannot be checked out: ${lastSaid(stderr)}`)
}
