import { z } from "zod"
import { shownLocation } from "../../shared/contexts/shown-location.ts"
import type { SourceSecrets } from "../../shared/contexts/take-secrets.ts"
import { ContextError } from "./context-error.ts"
import { basic } from "./download-archive.ts"
import type { RemoteGit } from "./git-connection.ts"
import { lastSaid } from "./git-failure.ts"
import { sshPath } from "./git-remote.ts"
import { shellWord } from "./git-ssh.ts"
import { isHostAllowed, type NetworkRules } from "./guarded-connect.ts"

/** Where a repository's large files are asked for, and what of headers belongs to that origin and to no other. */
export type LargeFileEndpoint = { url: URL; header: Record<string, string> }

/** What `git-lfs-authenticate` prints (git-lfs, docs/api/authentication.md). */
const Authenticated = z.object({ href: z.url(), header: z.record(z.string(), z.string()).optional() })

/**
 * The server of a repository's large files: below its own URL, or where its host says when asked by ssh (git-lfs,
 * docs/api/server-discovery.md). `missing`: why there is none. Errors: ContextError when it lies where nothing is fetched from; the
 * signal's reason.
 */
export async function largeFileEndpoint(
  { url, login }: { url: string; login: SourceSecrets["login"] },
  git: RemoteGit,
  rules: NetworkRules,
): Promise<LargeFileEndpoint | { missing: string }> {
  if (git.runThere === undefined) {
    const own = new URL(`${url.replace(/\/+$/, "").replace(/(?:\.git)?$/, ".git")}/info/lfs`)
    return { url: own, header: login === undefined ? {} : { authorization: basic(login) } }
  }
  const { exitCode, stdout, stderr } = await git.runThere(`git-lfs-authenticate ${shellWord(sshPath(url))} download`)
  if (exitCode !== 0) return { missing: `the host of ${shownLocation(url)} does not say where: ${lastSaid(stderr)}` }
  const answer = Authenticated.safeParse(jsonOf(stdout))
  if (!answer.success) throw new ContextError(`What git-lfs-authenticate of ${shownLocation(url)} says cannot be read.`)
  const href = new URL(answer.data.href.replace(/\/+$/, ""))
  if (!isFetched(href, rules)) {
    throw new ContextError(`The repository's large files (LFS) lie at ${href.protocol}//, which is not fetched.`)
  }
  return { url: href, header: lowerCase(answer.data.header ?? {}) }
}

/** True for https, and for http where the operator opened the host. */
export function isFetched(href: URL, rules: NetworkRules): boolean {
  if (href.protocol === "https:") return true
  return href.protocol === "http:" && isHostAllowed(href.hostname, Number(href.port || 80), rules)
}

/** Names of headers as node has them. */
export function lowerCase(header: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(header).map(([name, value]) => [name.toLowerCase(), value]))
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
