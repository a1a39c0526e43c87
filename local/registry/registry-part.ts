// The container registry of the local stack: Debian's docker-registry (CNCF distribution 2.8), a program of its own.
//
// Stands in for: Azure Container Registry's data plane (push, pull, delete, tags, catalog) behind ACR's token exchange, which
// the front serves (/oauth2/exchange, /oauth2/token), and its push notifications.
// Leaves out: the /acr/v1 API (az acr repository …, az acr task list-runs --image repo:tag: az asks it for the tag's digest),
// referrers, geo-replication, retention, quarantine, garbage collection (layers of deleted images stay on disk), notifications
// that survive its own end.
import { mkdir, readFile } from "node:fs/promises"
import https from "node:https"
import path from "node:path"
import { registryTokenCertificate } from "../sign-in/create-sign-in.ts"
import type { StackState } from "../stack-state.ts"
import type { Part } from "../supervisor/part.ts"
import { writePrivateFile } from "../tls/private-file.ts"
import { registryConfig } from "./registry-config.ts"

/** The registry as the supervisor starts it, its configuration written. The certificates exist already (`<data>/ca`). */
export async function createRegistryPart(stack: StackState): Promise<Part> {
  const folder = path.join(stack.dataFolder, "registry")
  const ca = path.join(stack.dataFolder, "ca")
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const tokens = await registryTokenCertificate(path.join(stack.dataFolder, "sign-in"))
  const files = {
    certFile: path.join(ca, "server.pem"),
    keyFile: path.join(ca, "server.key"),
    tokenCertFile: tokens.certFile,
  }
  const configFile = path.join(folder, "config.yml")
  await writePrivateFile(configFile, JSON.stringify(registryConfig(stack, files), undefined, 2))
  return {
    name: "registry",
    title: `Container registry on https://127.0.0.1:${stack.registry.port}`,
    command: "docker-registry",
    args: ["serve", configFile],
    env: {
      PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
      // No traces to a collector that is not there.
      OTEL_TRACES_EXPORTER: "none",
    },
    isHealthy: () => isHealthy(stack.registry.port, path.join(ca, "ca.pem")),
    stopTimeoutMs: 5000,
  }
}

/** It works when it refuses us the way it must: 401 with a challenge that names the front. */
async function isHealthy(port: number, caFile: string): Promise<boolean> {
  const ca = await readFile(caFile).catch(() => undefined)
  if (ca === undefined) return false
  return new Promise((resolve) => {
    const options = { host: "127.0.0.1", servername: "localhost", port, path: "/v2/", ca, agent: false, timeout: 2000 }
    const request = https.get(options, (response) => {
      response.resume()
      const challenge = response.headers["www-authenticate"] ?? ""
      resolve(response.statusCode === 401 && challenge.startsWith("Bearer realm="))
    })
    request.once("timeout", () => request.destroy())
    request.once("error", () => resolve(false))
  })
}
