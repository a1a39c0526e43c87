import { AppError, type ErrorCode } from "../errors.ts"

/** The one place where an error becomes an HTTP status (`arm-contract` 7). */
const STATUS: Record<ErrorCode, number> = {
  AuthenticationFailed: 401,
  AuthorizationFailed: 403,
  Conflict: 409,
  InternalServerError: 500,
  InvalidApiVersionParameter: 400,
  InvalidRequestContent: 400,
  InvalidRequestParameter: 400,
  InvalidResourceType: 404,
  LaunchRefused: 500,
  LauncherUnavailable: 503,
  MissingApiVersionParameter: 400,
  OutOfOrder: 409,
  RequestTooLarge: 413,
  ResourceNotFound: 404,
  RunEnded: 410,
  RunNotClaimable: 409,
  SourceLocationNotFound: 400,
  StorageUnavailable: 503,
  SubscriptionNotFound: 404,
}

type ErrorBody = {
  error: {
    code: string
    message: string
    target?: string
    details?: { code: string; message: string; target?: string }[]
  }
}

export type ArmErrorAnswer = { status: number; body: ErrorBody; headers: Record<string, string> }

/** Status, body and headers for an error. What is not an `AppError` is our own fault and shows nothing of itself. */
export function toArmError(error: unknown): ArmErrorAnswer {
  const known =
    error instanceof AppError
      ? error
      : new AppError("InternalServerError", "The service failed to process the request; its log has the cause.")
  const status = STATUS[known.code]
  const { code, message, target, details } = known
  return {
    status,
    headers: {
      // Without `claims=` az prints the error at once instead of signing in again (az-cli 2.1).
      ...(status === 401
        ? { "WWW-Authenticate": `Bearer error="invalid_token", error_description="${message.replaceAll('"', "'")}"` }
        : {}),
      ...(status === 429 || status === 503 ? { "Retry-After": "1" } : {}),
    },
    body: {
      error: {
        code,
        message,
        ...(target === undefined ? {} : { target }),
        ...(details === undefined ? {} : { details: details.map((one) => ({ ...one, target: one.target ?? "" })) }),
      },
    },
  }
}
