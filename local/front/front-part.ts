import { readFile } from "node:fs/promises"
import https from "node:https"
import path from "node:path"
import { partCommand } from "../part-command.ts"
import { loginServerOf, registrySocketPath } from "../registry/registry-config.ts"
import type { StackState } from "../stack-state.ts"
import type { Part } from "../supervisor/part.ts"
import type { FrontConfig } from "./front-config.ts"
import { reachableHost } from "./reachable-host.ts"

/** The front as the supervisor starts it. The certificates exist already (`ensureCertificates` into `<data>/ca`). */
export function createFrontPart(stack: StackState): Part {
  const ca = path.join(stack.dataFolder, "ca")
  const config: Omit<FrontConfig, "holdMs" | "signIn"> & { signIn: Record<string, unknown> } = {
    host: stack.host,
    port: stack.frontPort,
    upstreamHost: reachableHost(stack.host),
    hostPort: stack.hostPort,
    blobPort: stack.blobPort,
    storageAccount: stack.storageAccount.name,
    registry: { port: stack.registry.port, socketPath: registrySocketPath(stack.dataFolder) },
    certFile: path.join(ca, "server.pem"),
    keyFile: path.join(ca, "server.key"),
    signIn: {
      folder: path.join(stack.dataFolder, "sign-in"),
      tenantId: stack.tenantId,
      principals: stack.principals,
      registry: {
        loginServer: loginServerOf(stack),
        userName: stack.registry.userName,
        password: stack.registry.password,
      },
    },
  }
  return {
    name: "front",
    title: `TLS front and sign-in on https://localhost:${stack.frontPort}`,
    ...partCommand("front"),
    env: { SLIPWAY_PART: JSON.stringify(config) },
    isHealthy: () => isHealthy(reachableHost(stack.host), stack.frontPort, path.join(ca, "ca.pem")),
    stopTimeoutMs: 5000,
  }
}

async function isHealthy(host: string, port: number, caFile: string): Promise<boolean> {
  const ca = await readFile(caFile).catch(() => undefined)
  if (ca === undefined) return false
  return new Promise((resolve) => {
    const request = https.get(
      { host, servername: "localhost", port, path: "/healthz", ca, agent: false, timeout: 2000 },
      (response) => {
        response.resume()
        resolve(response.statusCode === 200)
      },
    )
    request.once("timeout", () => request.destroy())
    request.once("error", () => resolve(false))
  })
}
