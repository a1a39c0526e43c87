import type { SecretRequest } from "../builders/builder-messages.ts"
import type { RunTokenClaims } from "../builders/run-token.ts"
import type { SecretAnswer, SecretSource } from "../secrets/secret-source.ts"
import type { RecordLostRunDeps } from "./record-lost-run.ts"
import { runOfBuilder } from "./run-of-builder.ts"

export type ReadRunSecretDeps = RecordLostRunDeps & { secrets: SecretSource }

/**
 * Reads a secret for the builder of a run that is under way; nothing of it is stored. A secret that cannot be had is an answer, not an
 * error: the user's task file or login names it. Errors: `RunEnded`, `RunNotClaimable`, `ResourceNotFound`.
 */
export async function readRunSecret(
  deps: ReadRunSecretDeps,
  token: RunTokenClaims,
  { builderId, location }: SecretRequest,
): Promise<SecretAnswer> {
  await runOfBuilder(deps, token, builderId)
  return await deps.secrets.read(location, new AbortController().signal)
}
