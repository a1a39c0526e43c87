/**
 * Why an engine did not do what it was asked. `EngineUnavailable`: it is gone or was never there (the run ends as Error);
 * `Aborted`: `abort()` was called; all others are the run's own failure.
 */
export const ENGINE_ERROR_CODES = [
  "Aborted",
  "BaseImageNotFound",
  "BuildFailed",
  "DockerfileInvalid",
  "EngineUnavailable",
  "LoginRefused",
  "PushRefused",
  "RegistryUnavailable",
] as const
export type EngineErrorCode = (typeof ENGINE_ERROR_CODES)[number]

/** Its message is one line, fit to be the last line of a run log; it may quote the engine, so mask it as a log line. */
export class EngineError extends Error {
  override readonly name = "EngineError"
  readonly code: EngineErrorCode

  constructor(code: EngineErrorCode, message: string, cause?: unknown) {
    super(oneLine(message), cause === undefined ? undefined : { cause })
    this.code = code
  }

  /** True when the same call may well succeed in a few seconds: a registry that cannot be reached just now. */
  get isRetryable(): boolean {
    return this.code === "RegistryUnavailable"
  }
}

/** Narrows to an {@link EngineError}, optionally of one code. */
export function isEngineError(error: unknown, code?: EngineErrorCode): error is EngineError {
  return error instanceof EngineError && (code === undefined || error.code === code)
}

const MAX_LENGTH = 1000

function oneLine(message: string): string {
  const line = message.replace(/\s+/g, " ").trim()
  return line.length > MAX_LENGTH ? `${line.slice(0, MAX_LENGTH - 1)}…` : line
}
