import type { Registry } from "../registry/registry.ts"
import type { Run } from "../runs/run.ts"
import { toArmDate, toArmDateSeconds } from "./arm-date.ts"
import { registryId } from "./registry-resource.ts"

/** A run as GET and lists show it (`arm-contract` 12, RunProperties). Absent stays absent: az reads null triggers as "Manual". */
export function toRunResource(run: Run, registry: Registry, subscriptionId: string) {
  return {
    ...envelope(run, registry, subscriptionId),
    properties: {
      ...summary(run),
      runType: run.runType,
      createTime: toArmDate(run.createdAt),
      ...(run.startedAt === undefined ? {} : { startTime: toArmDate(run.startedAt) }),
      ...(run.finishedAt === undefined ? {} : { finishTime: toArmDate(run.finishedAt) }),
      ...(run.outputImages.length === 0 ? {} : { outputImages: run.outputImages }),
      ...(run.taskName === undefined ? {} : { task: run.taskName }),
      platform: run.platform,
      agentConfiguration: { cpu: run.cpu ?? DEFAULT_CPU },
      ...(run.agentPoolName === undefined ? {} : { agentPoolName: run.agentPoolName }),
      ...(run.sourceRegistryAuth === undefined ? {} : { sourceRegistryAuth: run.sourceRegistryAuth }),
      ...(run.customRegistries === undefined ? {} : { customRegistries: run.customRegistries }),
      ...(run.runErrorMessage === undefined ? {} : { runErrorMessage: run.runErrorMessage }),
    },
  }
}

/** The small run that `scheduleRun` answers with (`arm-contract` 3). */
export function toScheduledRunResource(run: Run, registry: Registry, subscriptionId: string) {
  return { ...envelope(run, registry, subscriptionId), properties: summary(run) }
}

const DEFAULT_CPU = 2

function summary(run: Run) {
  return {
    runId: run.runId,
    status: run.status,
    lastUpdatedTime: toArmDateSeconds(run.lastUpdatedAt),
    provisioningState: "Succeeded",
    isArchiveEnabled: run.isArchiveEnabled,
  }
}

function envelope(run: Run, registry: Registry, subscriptionId: string) {
  return {
    type: "Microsoft.ContainerRegistry/registries/runs",
    id: `${registryId(registry, subscriptionId)}/runs/${run.runId}`,
    name: run.runId,
    systemData: {
      lastModifiedBy: run.requestedBy,
      lastModifiedByType: "Application",
      lastModifiedAt: toArmDate(run.lastUpdatedAt),
    },
  }
}
