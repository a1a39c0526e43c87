import type { RunSpec } from "../../shared/builders/run-spec.ts"
import type { SshAccess } from "../../shared/git/ssh-access.ts"
import type { BackOff } from "../retry.ts"
import type { NetworkRules } from "./guarded-connect.ts"

/** What fetching any kind of source needs; a part takes only what it uses. */
export type FetchDeps = {
  /** Ours alone: homes of programs and parts of downloads are made in it. */
  workFolder: string
  limits: RunSpec["contextLimits"]
  rules: NetworkRules
  backOff: BackOff
  /** Everything together takes no longer. */
  timeoutMs: number
  /** PEM of the authorities to trust in place of node's own, and a file of the same for git. */
  ca?: string | undefined
  caFile?: string | undefined
  /** Where `git`, `ssh`, `bzip2`, `xz` and `zstd` are looked for. */
  path: string
  /** For repositories by ssh. */
  ssh: SshAccess
  /** The run's login for a registry, `user:password` in base64; undefined: anonymous. */
  authOf(registry: string): string | undefined
  /** True for registries reached over plain HTTP. */
  isInsecure(registry: string): boolean
  /** `os/architecture[/variant]` of the run, which picks from an index. */
  platform: string
  /** A line for the run's log. */
  say(line: string): void
  signal: AbortSignal
}
