import { metadataEndpoints } from "../../../shared/arm/metadata-endpoints.ts"
import { armOperation } from "../arm-operation.ts"

/** From this version on, the asked cloud alone and no list: `az cloud register` of newer az reads it so (2.91, cloud/custom.py). */
const FIRST_SINGLE_VERSION = "2022-09-01"

armOperation(
  "getMetadataEndpoints",
  { method: "GET", route: "metadata/endpoints", role: "anyone", versions: "any" },
  async ({ app, query }) => {
    const version = query.get("api-version") ?? ""
    const clouds = metadataEndpoints(app.settings, version)
    return Array.isArray(clouds) && version >= FIRST_SINGLE_VERSION ? clouds[0] : clouds
  },
)
