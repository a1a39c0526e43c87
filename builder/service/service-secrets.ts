import type { SecretRequest } from "../../shared/builders/builder-messages.ts"
import { SecretAnswer, type SecretSource } from "../../shared/secrets/secret-source.ts"
import { type BackOff, retry } from "../retry.ts"
import { isServiceAway, type Post } from "./post.ts"

/** Longer than the service may wait for a vault (`SLIPWAY_SECRET_TIMEOUT_SECONDS`), so that its own words arrive. */
const TIMEOUT_MS = 120_000

/**
 * Secrets that are kept elsewhere, as the service reads them for this run: a builder has no identity of its own. Errors: the service
 * stays away or refuses the run; the signal's reason.
 */
export function createServiceSecrets(
  post: Post,
  builderId: string,
  { outageMs, backOff }: { outageMs: number; backOff: BackOff },
): SecretSource {
  return {
    async read(location, signal) {
      const request: SecretRequest = { v: 1, builderId, location }
      const answer = await retry(() => post("secrets", request, { signal, timeoutMs: TIMEOUT_MS }), {
        giveUpAfterMs: outageMs,
        ...backOff,
        isTransient: isServiceAway,
        signal,
      })
      return SecretAnswer.parse(answer)
    },
  }
}
