import { armOperation } from "../arm-operation.ts"

armOperation(
  "listSubscriptions",
  { method: "GET", route: "subscriptions", role: "reader", versions: "any" },
  async ({ app }) => {
    const { SLIPWAY_SUBSCRIPTION_ID: subscriptionId, SLIPWAY_TENANT_ID: tenantId } = app.settings
    const id = `/subscriptions/${subscriptionId}`
    return { value: [{ id, subscriptionId, tenantId, displayName: "Slipway", state: "Enabled" }] }
  },
)
