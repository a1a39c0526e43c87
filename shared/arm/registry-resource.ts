import type { Registry } from "../registry/registry.ts"
import { toArmDate } from "./arm-date.ts"

export const REGISTRY_TYPE = "Microsoft.ContainerRegistry/registries"

/** ARM id of a registry. */
export function registryId(registry: Registry, subscriptionId: string): string {
  return `/subscriptions/${subscriptionId}/resourceGroups/${registry.resourceGroup}/providers/${REGISTRY_TYPE}/${registry.name}`
}

/** A registry as az needs it: `sku.name`, `location`, `properties.loginServer` (az-cli 3). */
export function toRegistryResource(registry: Registry, subscriptionId: string) {
  return {
    type: REGISTRY_TYPE,
    id: registryId(registry, subscriptionId),
    name: registry.name,
    location: registry.location,
    tags: {},
    sku: { name: registry.sku, tier: registry.sku },
    properties: {
      loginServer: registry.loginServer,
      creationDate: toArmDate(registry.createdAt),
      provisioningState: "Succeeded",
      adminUserEnabled: false,
    },
  }
}
