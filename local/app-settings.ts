import { Settings } from "../shared/config.ts"
import { readLocalSettings } from "./config.ts"
import { launcherSocketPath } from "./launcher/launcher-socket.ts"
import { serviceBusConnectionString } from "./service-bus/service-bus-part.ts"
import { audienceOf, issuerOf } from "./sign-in/sign-in-config.ts"
import type { StackState } from "./stack-state.ts"
import { INNER_HOST, loginServer, publicUrl } from "./stack-urls.ts"

/**
 * The service's settings on this stack: the same names as in Azure. What the operator's environment says about any of
 * them wins, so that a test can shorten an interval and a team can name other registries.
 */
export function appSettings(stack: StackState, env: Record<string, string | undefined>): Record<string, string> {
  const url = publicUrl(stack)
  const { registry, storageAccount } = stack
  const own: Record<string, string> = {
    SLIPWAY_PUBLIC_URL: url,
    SLIPWAY_OIDC_ISSUER: issuerOf(url),
    SLIPWAY_OIDC_AUDIENCE: audienceOf(url),
    SLIPWAY_TENANT_ID: stack.tenantId,
    SLIPWAY_SUBSCRIPTION_ID: stack.subscriptionId,
    SLIPWAY_RESOURCE_GROUP: stack.resourceGroup,
    SLIPWAY_REGISTRIES: JSON.stringify([
      {
        name: registry.name,
        loginServer: loginServer(stack),
        userName: registry.userName,
        password: registry.password,
      },
      ...readLocalSettings(env).SLIPWAY_EXTRA_REGISTRIES,
    ]),
    SLIPWAY_SECRET_KEY: stack.secretKey,
    SLIPWAY_STORAGE_ACCOUNT: storageAccount.name,
    SLIPWAY_STORAGE_KEY: storageAccount.key,
    SLIPWAY_BLOB_URL: `http://${INNER_HOST}:${stack.blobPort}/${storageAccount.name}`,
    SLIPWAY_BLOB_PUBLIC_URL: `${url}/${storageAccount.name}`,
    SLIPWAY_TABLE_URL: `http://${INNER_HOST}:${stack.tablePort}/${storageAccount.name}`,
    SlipwayServiceBus: serviceBusConnectionString(stack),
    SLIPWAY_LAUNCHER: "process",
    SLIPWAY_LAUNCHER_SOCKET: launcherSocketPath(stack.dataFolder),
    SLIPWAY_REGISTRY_EVENTS_TOKEN: stack.registryEventsToken,
  }
  const all: Record<string, string> = {}
  for (const [name, schema] of Object.entries(Settings.shape)) {
    // Bindings name app settings (`%SLIPWAY_RUNS_QUEUE%`), which the host reads as they are: their defaults must stand there.
    const standard = schema.safeParse(undefined).data
    const value = env[name] || own[name] || (typeof standard === "string" ? standard : undefined)
    if (value !== undefined) all[name] = value
  }
  return all
}
