import { createHash } from "node:crypto"

/**
 * `BUILDKIT_CACHE_MOUNT_NS`. BuildKit shares cache mounts (`RUN --mount=type=cache`) between all builds of an engine and joins this
 * with the mount's id by a slash: a repository's own name would let `team` with the id `app/c` meet `team/app` with the
 * id `c`. `owner` is the registry that the run belongs to: runs of two of them never meet, whatever repositories they name. A run that
 * may not push keeps its caches to itself, so that it cannot leave something for one that may.
 */
export function cacheNamespace(
  owner: string,
  repository: string | undefined,
  runId: string,
  isWritten: boolean,
): string {
  if (repository === undefined || !isWritten) return `run-${runId}`
  return `repository-${createHash("sha256").update(`${owner}\n${repository}`).digest("hex")}`
}
