import { metadataEndpoints } from "../../../shared/arm/metadata-endpoints.ts"
import { armOperation } from "../arm-operation.ts"

armOperation(
  "getMetadataEndpoints",
  { method: "GET", route: "metadata/endpoints", role: "anyone", versions: "any" },
  async ({ app, query }) => metadataEndpoints(app.settings, query.get("api-version") ?? ""),
)
