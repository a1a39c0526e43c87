import type { ClaimRequest } from "../../shared/builders/builder-messages.ts"
import { RunSpec } from "../../shared/builders/run-spec.ts"
import { problemsOf } from "../../shared/problems-of.ts"
import { OperatorError } from "../operator-error.ts"
import { type BackOff, retry } from "../retry.ts"
import { isServiceAway, type Post, ServiceRefusal } from "./post.ts"

export type Claim = { kind: "ours"; spec: RunSpec } | { kind: "notOurs"; why: string }
export type ClaimOptions = { outageMs: number; backOff: BackOff; signal: AbortSignal }

/**
 * Claims the run and returns its spec. The builder id makes a repeated claim ours again, should the first answer get lost.
 * Errors: the service stays away, refuses the token, or sends a spec that this builder does not understand.
 */
export async function claimRun(post: Post, builderId: string, options: ClaimOptions): Promise<Claim> {
  const { outageMs, backOff, signal } = options
  const request: ClaimRequest = { v: 1, builderId }
  try {
    const answer = await retry(() => post("spec", request, { signal }), {
      giveUpAfterMs: outageMs,
      ...backOff,
      isTransient: isServiceAway,
      signal,
    })
    const spec = RunSpec.safeParse(answer)
    if (spec.success) return { kind: "ours", spec: spec.data }
    throw new OperatorError(`The run's spec is not understood: ${problemsOf(spec.error).join("; ")}`)
  } catch (error) {
    const isNotOurs = error instanceof ServiceRefusal && (error.status === 409 || error.status === 410)
    if (isNotOurs) return { kind: "notOurs", why: error.message }
    throw error
  }
}
