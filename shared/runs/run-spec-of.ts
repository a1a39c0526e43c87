import type { BlobStore } from "../blobs/blob-store.ts"
import type { LoginReference, RunSpec } from "../builders/run-spec.ts"
import { logBlob } from "../logs/run-log.ts"
import { findRegistry, type Registry } from "../registry/registry.ts"
import { STORAGE_NAMES } from "../storage-names.ts"
import { uploadReadUrl } from "../uploads/upload-location.ts"
import type { Run } from "./run.ts"
import type { RunRequest } from "./run-request.ts"

/** A builder's SAS URLs outlive the run's timeout by this much: the last lines are written after it. */
const GRACE_SECONDS = 900

export type RunSpecDeps = {
  blobs: Pick<BlobStore, "sasUrl">
  registries: readonly Registry[]
  readSsh(): Promise<RunSpec["ssh"]>
  limits: {
    context: RunSpec["contextLimits"]
    allowedHosts: string[]
    steps: RunSpec["steps"]
    logMaxBytes: number
    heartbeatSeconds: number
    isCacheEnabled: boolean
  }
  now(): Date
}

/** All that a builder may know of its run: this is the border that secrets cross, to this one builder (decision 6). */
export async function runSpecOf(deps: RunSpecDeps, run: Run, request: RunRequest): Promise<RunSpec> {
  const registry = findRegistry(deps.registries, run.registry)
  const expiresAt = new Date(deps.now().getTime() + (run.timeoutSeconds + GRACE_SECONDS) * 1_000)
  const [logUrl, source, ssh] = await Promise.all([
    deps.blobs.sasUrl(STORAGE_NAMES.containers.logs, logBlob(run), "a", expiresAt),
    sourceOf(deps, run, request, expiresAt),
    deps.readSsh(),
  ])
  return {
    v: 2,
    kind: "build",
    runId: run.runId,
    registryName: registry.name,
    loginServer: registry.loginServer,
    createdAt: run.createdAt,
    ...(run.taskName === undefined ? {} : { taskName: run.taskName }),
    platform: request.platform,
    timeoutSeconds: request.timeoutSeconds,
    source,
    allowedHosts: deps.limits.allowedHosts,
    ssh,
    contextLimits: deps.limits.context,
    work: request.work,
    steps: deps.limits.steps,
    logins: loginsOf(registry, request),
    insecureRegistries: deps.registries.filter(({ isInsecure }) => isInsecure).map(({ loginServer }) => loginServer),
    isCacheEnabled: deps.limits.isCacheEnabled,
    log: { url: logUrl, maxBytes: deps.limits.logMaxBytes },
    heartbeatSeconds: deps.limits.heartbeatSeconds,
  }
}

async function sourceOf(
  { blobs }: RunSpecDeps,
  run: Run,
  { source }: RunRequest,
  expiresAt: Date,
): Promise<RunSpec["source"]> {
  if (source.type !== "upload") return source
  const url = await uploadReadUrl(blobs, run.registry, source.path, expiresAt)
  return { type: "upload", url, version: source.version }
}

/** The run's own registry first; what the request brings for a server wins over it. */
function loginsOf(registry: Registry, request: RunRequest): LoginReference[] {
  const custom = request.customLogins
  const { login, loginServer } = registry
  const isCustom = custom.some((one) => one.loginServer === loginServer)
  if (login === undefined || isCustom || !request.isSourceRegistryLoginEnabled) return custom
  return [{ loginServer, ...login }, ...custom]
}
