import { z } from "zod"
import type { Platform } from "../builders/run-spec.ts"
import { readSourceLocation } from "../contexts/read-source-location.ts"
import { sourceLocationText } from "../contexts/source-location.ts"
import { takeSecrets } from "../contexts/take-secrets.ts"
import type { RunRequest } from "../runs/run-request.ts"
import { invalidContent, parseContent } from "./invalid-content.ts"
import { readCustomLogins } from "./read-custom-logins.ts"
import {
  buildWorkOf,
  DockerBuildRequest,
  EncodedTaskRunRequest,
  encodedTaskWorkOf,
  FileTaskRunRequest,
  fileTaskWorkOf,
} from "./read-run-work.ts"
import type { RunRequestProperties } from "./run-request-properties.ts"
import { stripNulls } from "./strip-nulls.ts"

/** Seconds. */
export type TimeoutLimits = { minSeconds: number; defaultSeconds: number; maxSeconds: number }

const TYPES = ["DockerBuildRequest", "FileTaskRunRequest", "EncodedTaskRunRequest", "TaskRunRequest"]
const Typed = z.object({ type: z.string() })

/** The body of `scheduleRun` as the one kind of run that exists inside. Errors: `InvalidRequestContent` that names every field at fault. */
export function readRunRequest(body: unknown, limits: TimeoutLimits): RunRequest {
  const content = stripNulls(body)
  const { type } = parseContent(Typed, content)
  switch (type) {
    case "DockerBuildRequest": {
      const request = parseContent(DockerBuildRequest, content)
      return runRequest(request, buildWorkOf(request), "A build needs its sources", limits)
    }
    case "FileTaskRunRequest": {
      const request = parseContent(FileTaskRunRequest, content)
      return runRequest(request, fileTaskWorkOf(request), "taskFilePath names a file of the sources", limits)
    }
    case "EncodedTaskRunRequest": {
      const request = parseContent(EncodedTaskRunRequest, content)
      return runRequest(request, encodedTaskWorkOf(request), undefined, limits)
    }
    case "TaskRunRequest":
      throw invalidContent(
        "type",
        "Run requests of type 'TaskRunRequest' are not supported by this version: there are no tasks yet.",
      )
    default:
      throw invalidContent("type", `'${type}' is no run request; use one of ${TYPES.join(", ")}.`)
  }
}

/** `needsSource`: why there must be one; undefined where there need not. */
function runRequest(
  request: RunRequestProperties,
  work: RunRequest["work"],
  needsSource: string | undefined,
  limits: TimeoutLimits,
): RunRequest {
  const { agentPoolName } = request
  if (agentPoolName !== undefined && agentPoolName !== "") {
    throw invalidContent(
      "agentPoolName",
      `There is no agent pool '${agentPoolName}': this version has none; leave it out.`,
    )
  }
  return {
    v: 2,
    work,
    source: sourceOf(request, needsSource),
    platform: platformOf(request),
    timeoutSeconds: timeoutOf(request, limits),
    isSourceRegistryLoginEnabled: request.credentials?.sourceRegistry?.loginMode?.toLowerCase() !== "none",
    customLogins: readCustomLogins(request.credentials),
    cpu: request.agentConfiguration?.cpu,
    isArchiveEnabled: request.isArchiveEnabled,
  }
}

const LOCATION = /^$|^\/dev\/null$|^[a-z][a-z0-9+.-]*:\/\/|^git@|^github\.com\//i

function sourceOf({ sourceLocation }: RunRequestProperties, needsSource: string | undefined): RunRequest["source"] {
  const text = sourceLocation ?? ""
  if (text === "" && needsSource !== undefined) {
    throw invalidContent(
      "sourceLocation",
      `${needsSource}: upload them to a URL of listBuildSourceUploadUrl and name its relativePath, or name a repository or archive.`,
    )
  }
  // Whatever is no location is taken for the path of an upload, and refused in ACR's words when the run is queued.
  if (!LOCATION.test(text)) return { type: "upload", path: text }
  const result = readSourceLocation(text, "source")
  if (!result.ok) throw invalidContent("sourceLocation", result.problems.join(" "))
  if (result.location.type === "none") return { type: "none" }
  const { location, secrets } = takeSecrets(result.location)
  return { type: "remote", location: sourceLocationText(location), secrets }
}

/** Pairs of architecture and variant that images exist for (OCI image specification, "Platform Variants"). */
const VARIANTS: Record<string, readonly string[]> = { arm: ["v6", "v7", "v8"], arm64: ["v8"] }

function platformOf({ platform }: RunRequestProperties): Platform {
  if (platform.os.toLowerCase() === "windows") {
    throw invalidContent("platform.os", "No Windows builder is connected to this service; use linux.")
  }
  const architecture = platform.architecture ?? "amd64"
  const { variant } = platform
  const variants = VARIANTS[architecture.toLowerCase()] ?? []
  if (variant !== undefined && !variants.includes(variant.toLowerCase())) {
    const choice = variants.length === 0 ? "which has none" : `which has ${variants.join(", ")}`
    throw invalidContent("platform.variant", `There is no variant ${variant} of ${architecture}, ${choice}.`)
  }
  return { os: platform.os, architecture, ...(variant === undefined ? {} : { variant }) }
}

function timeoutOf(
  { timeout }: RunRequestProperties,
  { minSeconds, defaultSeconds, maxSeconds }: TimeoutLimits,
): number {
  const seconds = timeout ?? defaultSeconds
  if (seconds >= minSeconds && seconds <= maxSeconds) return seconds
  throw invalidContent(
    "timeout",
    `The timeout must be between ${minSeconds} and ${maxSeconds} seconds; it is ${seconds}.`,
  )
}
