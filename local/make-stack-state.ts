import { randomBytes, randomUUID } from "node:crypto"
import { freePort, isPortFree } from "./free-port.ts"
import type { StackState } from "./stack-state.ts"
import { INNER_HOST } from "./stack-urls.ts"

export const DEFAULT_FRONT_PORT = 8443
export const DEFAULT_REGISTRY_PORT = 5000

export type FirstStart = {
  dataFolder: string
  host: string
  frontPort: number | undefined
  registryPort: number | undefined
}

const password = () => randomBytes(24).toString("base64url")

/** Everything that the first start decides: free ports, random ids, keys and passwords. */
export async function makeStackState(start: FirstStart): Promise<StackState> {
  const frontPort = start.frontPort ?? DEFAULT_FRONT_PORT
  const taken = new Set([frontPort, start.registryPort ?? DEFAULT_REGISTRY_PORT])
  const isDefaultFree = frontPort !== DEFAULT_REGISTRY_PORT && (await isPortFree(start.host, DEFAULT_REGISTRY_PORT))
  const anyPort = () => freePort(INNER_HOST, taken)
  return {
    v: 1,
    dataFolder: start.dataFolder,
    host: start.host,
    frontPort,
    hostPort: await anyPort(),
    blobPort: await anyPort(),
    tablePort: await anyPort(),
    serviceBusPort: await anyPort(),
    registry: {
      name: "slipway",
      port: start.registryPort ?? (isDefaultFree ? DEFAULT_REGISTRY_PORT : await freePort(start.host, taken)),
      userName: "slipway",
      password: password(),
    },
    // `.blob.` makes az take `https://localhost:8443/<account>` for a blob endpoint (az-cli 6.3).
    storageAccount: { name: "slipway.blob.local", key: randomBytes(64).toString("base64") },
    serviceBusKey: { name: "RootManageSharedAccessKey", key: randomBytes(32).toString("base64") },
    secretKey: randomBytes(32).toString("base64"),
    tenantId: randomUUID(),
    subscriptionId: randomUUID(),
    resourceGroup: "slipway",
    principals: [
      { kind: "servicePrincipal", id: randomUUID(), secret: password(), roles: ["admin"] },
      { kind: "user", id: "admin@slipway.local", secret: password(), roles: ["admin"] },
      { kind: "servicePrincipal", id: randomUUID(), secret: password(), roles: ["runner"] },
      { kind: "servicePrincipal", id: randomUUID(), secret: password(), roles: ["reader"] },
    ],
    registryEventsToken: randomBytes(32).toString("hex"),
  }
}
