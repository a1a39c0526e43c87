import { matchesFilter } from "../../../shared/arm/matches-filter.ts"
import { parseFilter } from "../../../shared/arm/odata-filter.ts"
import { REGISTRY_TYPE, toRegistryResource } from "../../../shared/arm/registry-resource.ts"
import { armOperation, requireSubscription } from "../arm-operation.ts"

const FIELDS = ["resourceType", "name", "resourceGroup", "location"]

// How az finds a registry's resource group when -g is not given (az-cli 3).
armOperation(
  "listResources",
  { method: "GET", route: "subscriptions/{subscriptionId}/resources", role: "reader", versions: "any" },
  async (call) => {
    const subscriptionId = requireSubscription(call)
    const text = call.query.get("$filter")
    const filter = text === null ? undefined : parseFilter(text, FIELDS)
    const matching = call.app.registries.filter(({ name, resourceGroup: resourcegroup, location }) => {
      const fields = { resourcetype: REGISTRY_TYPE, name, resourcegroup, location }
      return filter === undefined || matchesFilter(filter, fields)
    })
    return {
      value: matching.map((registry) => {
        const { id, name, type, location, sku } = toRegistryResource(registry, subscriptionId)
        return { id, name, type, location, sku }
      }),
    }
  },
)
