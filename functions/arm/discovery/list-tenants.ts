import { armOperation } from "../arm-operation.ts"

armOperation("listTenants", { method: "GET", route: "tenants", role: "reader", versions: "any" }, async ({ app }) => {
  const tenantId = app.settings.SLIPWAY_TENANT_ID
  return { value: [{ id: `/tenants/${tenantId}`, tenantId }] }
})
