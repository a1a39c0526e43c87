/**
 * Every error code of the service. One closed list: `arm/arm-error.ts` maps each to an HTTP status, queue handlers
 * look at `isRetryable` only. ARM's own codes keep their names (`arm-contract` 7).
 */
export const ERROR_CODES = [
  "AuthenticationFailed",
  "AuthorizationFailed",
  "Conflict",
  "InternalServerError",
  "InvalidApiVersionParameter",
  "InvalidRequestContent",
  "InvalidRequestParameter",
  "InvalidResourceType",
  "LaunchRefused",
  "LauncherUnavailable",
  "MissingApiVersionParameter",
  "OutOfOrder",
  "RequestTooLarge",
  "ResourceNotFound",
  "RunEnded",
  "RunNotClaimable",
  "SourceLocationNotFound",
  "StorageUnavailable",
  "SubscriptionNotFound",
] as const
export type ErrorCode = (typeof ERROR_CODES)[number]

export type AppErrorOptions = {
  /** The field, parameter or resource at fault; ARM's `error.target`. */
  target?: string | undefined
  details?: { code: string; message: string; target?: string | undefined }[]
  /** True when the same call may succeed later. */
  isRetryable?: boolean
  cause?: unknown
}

/** The one error type that crosses rooms. Its message is shown to users: it names the fix and never holds a secret. */
export class AppError extends Error {
  override readonly name = "AppError"
  readonly code: ErrorCode
  readonly target: string | undefined
  readonly details: AppErrorOptions["details"]
  readonly isRetryable: boolean

  constructor(code: ErrorCode, message: string, options: AppErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.target = options.target
    this.details = options.details
    this.isRetryable = options.isRetryable ?? false
  }
}

/** Narrows to an {@link AppError}, optionally of one code. */
export function isAppError(error: unknown, code?: ErrorCode): error is AppError {
  return error instanceof AppError && (code === undefined || error.code === code)
}
