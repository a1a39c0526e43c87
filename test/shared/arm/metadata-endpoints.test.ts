import { describe, expect, it } from "vitest"
import { metadataEndpoints } from "../../../shared/arm/metadata-endpoints.ts"
import type { Settings } from "../../../shared/config.ts"

const settings = {
  SLIPWAY_PUBLIC_URL: "https://localhost:8443/",
  SLIPWAY_OIDC_ISSUER: "https://localhost:8443/adfs",
  SLIPWAY_OIDC_AUDIENCE: ["https://localhost:8443/"],
  SLIPWAY_TENANT_ID: "11111111-1111-4111-8111-111111111111",
  SLIPWAY_BLOB_PUBLIC_URL: "https://localhost:8443/acct.blob.store",
} as Settings

describe("metadataEndpoints", () => {
  it("is one cloud's endpoints for old clients, a list of clouds later, and the one cloud again for new az", () => {
    const cloud = expect.objectContaining({ name: "Slipway", resourceManager: "https://localhost:8443" })

    expect(metadataEndpoints(settings, "2015-01-01")).toMatchObject({
      authentication: { loginEndpoint: "https://localhost:8443/adfs" },
    })
    expect(metadataEndpoints(settings, "2019-05-01")).toEqual([cloud])
    expect(metadataEndpoints(settings, "2022-09-01")).toEqual(cloud)
  })
})
