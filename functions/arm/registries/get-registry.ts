import { toRegistryResource } from "../../../shared/arm/registry-resource.ts"
import { registryOperation } from "../arm-operation.ts"

registryOperation(
  "getRegistry",
  { method: "GET", path: "", role: "reader", versions: "any" },
  async ({ registry, subscriptionId }) => toRegistryResource(registry, subscriptionId),
)
