import { z } from "zod"
import type { RegistryLogin } from "../builders/run-spec.ts"
import { AppError } from "../errors.ts"
import type { RunRequest } from "../runs/run-request.ts"
import { isUploadPath } from "../uploads/upload-location.ts"
import { DockerBuildRequest } from "./docker-build-request.ts"
import { stripNulls } from "./strip-nulls.ts"

/** Seconds. */
export type TimeoutLimits = { minSeconds: number; defaultSeconds: number; maxSeconds: number }

const OTHER_TYPES = ["FileTaskRunRequest", "EncodedTaskRunRequest", "TaskRunRequest"]
const Typed = z.object({ type: z.string() })

/**
 * The body of `scheduleRun` as the one kind of run that exists inside: a DockerBuildRequest becomes a build step and a push
 * step (contracts, "Builders"). Errors: `InvalidRequestContent` that names every field at fault.
 */
export function readRunRequest(body: unknown, limits: TimeoutLimits): RunRequest {
  const content = stripNulls(body)
  const { type } = parsed(Typed, content)
  if (OTHER_TYPES.includes(type)) {
    throw invalid(
      "type",
      `Run requests of type '${type}' are not supported by this version; send a DockerBuildRequest.`,
    )
  }
  if (type !== "DockerBuildRequest") {
    throw invalid("type", `'${type}' is no run request; use one of DockerBuildRequest, ${OTHER_TYPES.join(", ")}.`)
  }
  const request = parsed(DockerBuildRequest, content)
  if (request.agentPoolName !== undefined && request.agentPoolName !== "") {
    throw invalid(
      "agentPoolName",
      `There is no agent pool '${request.agentPoolName}': this version has none; leave it out.`,
    )
  }
  const { imageNames } = request
  const build = {
    type: "build" as const,
    id: "build",
    dockerFilePath: request.dockerFilePath,
    imageNames,
    arguments: request.arguments,
    noCache: request.noCache,
    ...(request.target === undefined || request.target === "" ? {} : { target: request.target }),
  }
  const isPushed = request.isPushEnabled && imageNames.length > 0
  return {
    v: 1,
    steps: isPushed ? [build, { type: "push", id: "push", imageNames }] : [build],
    uploadPath: uploadPathOf(request),
    platform: platformOf(request),
    timeoutSeconds: timeoutOf(request, limits),
    isSourceRegistryLoginEnabled: request.credentials?.sourceRegistry?.loginMode?.toLowerCase() !== "none",
    customLogins: customLoginsOf(request),
    cpu: request.agentConfiguration?.cpu,
    isArchiveEnabled: request.isArchiveEnabled,
  }
}

function parsed<Schema extends z.ZodType>(schema: Schema, content: unknown): z.infer<Schema> {
  const result = schema.safeParse(content)
  if (result.success) return result.data
  const details = result.error.issues.map((issue) => ({
    code: "InvalidRequestContent",
    message: issue.message,
    target: issue.path.map(String).join(".") || "body",
  }))
  const list = details.map(({ target, message }) => `${target}: ${message}`).join("; ")
  throw new AppError("InvalidRequestContent", `The request content was invalid: ${list}.`, {
    target: details[0]?.target,
    details,
  })
}

function uploadPathOf({ sourceLocation }: DockerBuildRequest): string | undefined {
  if (sourceLocation === undefined || sourceLocation === "") {
    throw invalid(
      "sourceLocation",
      "A build needs its sources: upload them to a URL of listBuildSourceUploadUrl and name its relativePath.",
    )
  }
  const isRemote = /^[a-z][a-z0-9+.-]*:\/\//i.test(sourceLocation) || sourceLocation.startsWith("git@")
  if (isRemote && !isUploadPath(sourceLocation)) {
    throw invalid("sourceLocation", "Remote contexts are not supported by this version; upload the sources instead.")
  }
  return sourceLocation
}

function platformOf({ platform }: DockerBuildRequest): RunRequest["platform"] {
  if (platform.os.toLowerCase() === "windows") {
    throw invalid("platform.os", "No Windows builder is connected to this service; use linux.")
  }
  return {
    os: platform.os,
    architecture: platform.architecture ?? "amd64",
    ...(platform.variant === undefined ? {} : { variant: platform.variant }),
  }
}

function timeoutOf({ timeout }: DockerBuildRequest, { minSeconds, defaultSeconds, maxSeconds }: TimeoutLimits): number {
  const seconds = timeout ?? defaultSeconds
  if (seconds >= minSeconds && seconds <= maxSeconds) return seconds
  throw invalid("timeout", `The timeout must be between ${minSeconds} and ${maxSeconds} seconds; it is ${seconds}.`)
}

function customLoginsOf({ credentials }: DockerBuildRequest): RegistryLogin[] {
  return Object.entries(credentials?.customRegistries ?? {}).map(([loginServer, { userName, password, identity }]) => {
    const target = `credentials.customRegistries.${loginServer}`
    const isVault = [userName, password].some((secret) => secret?.type.toLowerCase() === "vaultsecret")
    if (isVault) throw invalid(target, "Key Vault secrets are not supported by this version; give the value as Opaque.")
    if (identity !== undefined)
      throw invalid(target, "Identities are not supported by this version; give userName and password.")
    if (!userName?.value || !password?.value)
      throw invalid(target, "Both userName.value and password.value are needed.")
    return { loginServer, userName: userName.value, password: password.value }
  })
}

function invalid(target: string, message: string): AppError {
  return new AppError("InvalidRequestContent", message, { target })
}
