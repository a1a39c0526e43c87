import { ContextError } from "../context/context-error.ts"
import { type EngineErrorCode, isEngineError } from "../engine/engine-error.ts"
import { RunFailure } from "./run-failure.ts"

/** What the operator must mend; every other failure of an engine is in the user's sources, names or passwords. */
const OPERATORS: ReadonlySet<EngineErrorCode> = new Set([
  "EngineUnavailable",
  "ImagePartLost",
  "RegistryUnavailable",
  "Aborted",
])

/** Whose fault it was, and the cause in one line. Anything unknown is ours: `Error`. */
export function failureOf(error: unknown): { outcome: "Failed" | "Error"; message: string } {
  const message = error instanceof Error ? error.message : String(error)
  if (error instanceof RunFailure) return { outcome: error.outcome, message }
  if (error instanceof ContextError) return { outcome: "Failed", message }
  if (isEngineError(error)) return { outcome: OPERATORS.has(error.code) ? "Error" : "Failed", message }
  return { outcome: "Error", message }
}

/** True when a registry could not be reached just now or the engine lost a part, so that the same call may succeed in a few seconds. */
export function isNetworkFailure(error: unknown): boolean {
  return isEngineError(error) && error.isRetryable
}
