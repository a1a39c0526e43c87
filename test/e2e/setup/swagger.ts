import path from "node:path"
import { LiveValidator } from "oav/dist/lib/liveValidation/liveValidator.js"
import { repositoryRoot } from "../../../local/repository-root.ts"

export type Exchange = {
  request: {
    url: string
    method: string
    headers: Record<string, string>
    body?: unknown
    query: Record<string, string>
  }
  response: { statusCode: string; headers: Record<string, string>; body?: unknown }
}

/** Azure itself writes `linux` where the Swagger says `Linux`; enums compare without case (`arm-contract` 3 and 10). */
const TOLERATED = new Set(["ENUM_CASE_MISMATCH"])

/** The independent judge: validates an exchange against the Swagger of its api-version. Returns what is wrong with it. */
export async function createSwaggerJudge(): Promise<(exchange: Exchange) => Promise<string[]>> {
  const validator = new LiveValidator({
    directory: path.join(repositoryRoot(), "test/data/arm/tree"),
    swaggerPathsPattern: ["specification/containerregistry/**/containerregistry_build.json"],
    git: { shouldClone: false },
    swaggerPaths: [],
    excludedSwaggerPathsPattern: [],
    isPathCaseSensitive: false,
    loadValidatorInBackground: false,
    loadValidatorInInitialize: true,
  })
  await validator.initialize()
  return async ({ request, response }) => {
    const result = await validator.validateLiveRequestResponse({
      liveRequest: request,
      liveResponse: response,
    } as never)
    const parts = [result.requestValidationResult, result.responseValidationResult]
    const failures = parts.flatMap(({ runtimeException }) =>
      runtimeException === undefined ? [] : [runtimeException.message],
    )
    const issues = parts.flatMap(({ errors }) => errors).filter(({ code }) => !TOLERATED.has(code))
    return [
      ...failures,
      ...issues.map(({ code, message, pathsInPayload }) => `${code}: ${message} at ${pathsInPayload}`),
    ]
  }
}
