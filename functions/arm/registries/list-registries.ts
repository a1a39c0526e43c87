import { toRegistryResource } from "../../../shared/arm/registry-resource.ts"
import { armOperation, requireSubscription } from "../arm-operation.ts"

const OPERATION = { method: "GET", role: "reader", versions: "any" } as const
const REGISTRIES = "providers/Microsoft.ContainerRegistry/registries"

armOperation(
  "listRegistries",
  { ...OPERATION, route: `subscriptions/{subscriptionId}/${REGISTRIES}` },
  async (call) => {
    const subscriptionId = requireSubscription(call)
    return { value: call.app.registries.map((registry) => toRegistryResource(registry, subscriptionId)) }
  },
)

armOperation(
  "listRegistriesOfGroup",
  { ...OPERATION, route: `subscriptions/{subscriptionId}/resourceGroups/{resourceGroup}/${REGISTRIES}` },
  async (call) => {
    const subscriptionId = requireSubscription(call)
    const group = call.params.resourceGroup?.toLowerCase()
    const here = call.app.registries.filter(({ resourceGroup }) => resourceGroup.toLowerCase() === group)
    return { value: here.map((registry) => toRegistryResource(registry, subscriptionId)) }
  },
)
