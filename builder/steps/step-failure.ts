import { isEngineError } from "../engine/engine-error.ts"
import { RunFailure } from "../failures/run-failure.ts"

/** A step's program failed, or its time was over: another attempt may end well. The message is acb's cause: `exit status 7`. */
export class StepFailure extends Error {
  override readonly name = "StepFailure"
}

/** What no further attempt of the same step can mend: the engine is gone, the text of the step is wrong. */
export function isFinal(error: unknown): boolean {
  if (error instanceof RunFailure) return true
  return isEngineError(error, "EngineUnavailable") || isEngineError(error, "Aborted")
}
