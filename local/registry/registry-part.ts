// The container registry of the local stack: Debian's docker-registry (CNCF distribution 2.8), a program of its own.
//
// Stands in for: Azure Container Registry's data plane (push, pull, delete, tags, catalog) behind ACR's token exchange, which
// the front serves (/oauth2/exchange, /oauth2/token), and its push notifications.
// Leaves out: referrers, geo-replication, retention, quarantine, locks, garbage collection (layers of deleted images stay on disk),
// notifications that survive its own end; of ACR's own API the front serves the tags (local/front/answer-acr.ts), no more.
import { mkdir } from "node:fs/promises"
import http from "node:http"
import path from "node:path"
import { prepareSocketFolder } from "../launcher/launcher-socket.ts"
import { registryTokenCertificate } from "../sign-in/create-sign-in.ts"
import type { StackState } from "../stack-state.ts"
import type { Part } from "../supervisor/part.ts"
import { writePrivateFile } from "../tls/private-file.ts"
import { registryConfig, registrySocketPath } from "./registry-config.ts"

/** The registry as the supervisor starts it, its configuration written. */
export async function createRegistryPart(stack: StackState): Promise<Part> {
  const folder = path.join(stack.dataFolder, "registry")
  const socketPath = registrySocketPath(stack.dataFolder)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  prepareSocketFolder(socketPath)
  const { certFile } = await registryTokenCertificate(path.join(stack.dataFolder, "sign-in"))
  const configFile = path.join(folder, "config.yml")
  await writePrivateFile(configFile, JSON.stringify(registryConfig(stack, certFile), undefined, 2))
  return {
    name: "registry",
    title: `Container registry behind the front's port ${stack.registry.port}`,
    command: "docker-registry",
    args: ["serve", configFile],
    env: {
      PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
      // No traces to a collector that is not there.
      OTEL_TRACES_EXPORTER: "none",
    },
    isHealthy: () => isHealthy(socketPath),
    stopTimeoutMs: 5000,
  }
}

/** It works when it refuses us the way it must: 401 with a challenge that names the front. */
function isHealthy(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = http.get({ socketPath, path: "/v2/", agent: false, timeout: 2000 }, (response) => {
      response.resume()
      const challenge = response.headers["www-authenticate"] ?? ""
      resolve(response.statusCode === 401 && challenge.startsWith("Bearer realm="))
    })
    request.once("timeout", () => request.destroy())
    request.once("error", () => resolve(false))
  })
}
