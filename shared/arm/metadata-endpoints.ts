import type { Settings } from "../config.ts"

/** From this version on, a list of clouds; before it, one cloud's endpoints (az-cli 2.2). */
const FIRST_LIST_VERSION = "2019-05-01"
/** From this version on, the asked cloud alone and no list: `az cloud register` of newer az reads it so (2.91, cloud/custom.py). */
const FIRST_SINGLE_VERSION = "2022-09-01"

/** What `az cloud register --endpoint-resource-manager` or `ARM_CLOUD_METADATA_URL` reads to find everything else. */
export function metadataEndpoints(settings: Settings, apiVersion: string): unknown {
  const url = settings.SLIPWAY_PUBLIC_URL.replace(/\/+$/, "")
  const [audience = `${url}/`] = settings.SLIPWAY_OIDC_AUDIENCE
  const loginEndpoint = settings.SLIPWAY_OIDC_ISSUER
  if (apiVersion < FIRST_LIST_VERSION) {
    return {
      galleryEndpoint: `${url}/`,
      graphEndpoint: audience,
      portalEndpoint: `${url}/`,
      authentication: { loginEndpoint, audiences: [audience] },
    }
  }
  const cloud = {
    name: "Slipway",
    portal: url,
    authentication: {
      loginEndpoint,
      audiences: [audience],
      tenant: settings.SLIPWAY_TENANT_ID,
      identityProvider: loginEndpoint.endsWith("/adfs") ? "ADFS" : "AAD",
    },
    media: url,
    graphAudience: audience,
    graph: audience,
    resourceManager: url,
    suffixes: {
      acrLoginServer: "azurecr.io",
      storage: new URL(settings.SLIPWAY_BLOB_PUBLIC_URL).host.replace(/^.*?\.blob\./, ""),
      keyVaultDns: "vault.azure.net",
    },
  }
  return apiVersion < FIRST_SINGLE_VERSION ? [cloud] : cloud
}
