/**
 * Why an engine did not do what it was asked. `EngineUnavailable`: it is gone or was never there (the run ends as Error);
 * `ImagePartLost`: its own store has lost a part of what was built; `Aborted`: `abort()` was called; all others are the run's own failure.
 */
export const ENGINE_ERROR_CODES = [
  "Aborted",
  "BaseImageNotFound",
  "BuildFailed",
  "DockerfileInvalid",
  "EngineUnavailable",
  "ImagePartLost",
  "LoginRefused",
  "PushRefused",
  "RegistryUnavailable",
] as const
export type EngineErrorCode = (typeof ENGINE_ERROR_CODES)[number]

/**
 * Its message may quote the engine at any length and with its own spaces: who shows it masks it first, because a secret that was
 * cut or had its spaces joined is not found any more, and shortens it afterwards.
 */
export class EngineError extends Error {
  override readonly name = "EngineError"
  readonly code: EngineErrorCode

  constructor(code: EngineErrorCode, message: string, cause?: unknown) {
    super(message.trim(), cause === undefined ? undefined : { cause })
    this.code = code
  }

  /** True when the same call may well succeed in a few seconds: a registry that cannot be reached just now, a part of an image that went. */
  get isRetryable(): boolean {
    return this.code === "RegistryUnavailable" || this.code === "ImagePartLost"
  }
}

/** Narrows to an {@link EngineError}, optionally of one code. */
export function isEngineError(error: unknown, code?: EngineErrorCode): error is EngineError {
  return error instanceof EngineError && (code === undefined || error.code === code)
}
