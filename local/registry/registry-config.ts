import { createHash } from "node:crypto"
import path from "node:path"
import { registryIssuerOf } from "../sign-in/registry-tokens.ts"
import type { StackState } from "../stack-state.ts"

/** `sun_path` holds 108 bytes (unix 7). */
const MAX_SOCKET_BYTES = 100

/** Where the registry listens for the front: in the data folder, or in a private folder where that path is too long. */
export function registrySocketPath(dataFolder: string): string {
  const near = path.join(dataFolder, "run", "registry.sock")
  if (Buffer.byteLength(near) <= MAX_SOCKET_BYTES) return near
  const digest = createHash("sha256").update(dataFolder).digest("hex").slice(0, 16)
  return path.join("/tmp", `slipway-${process.getuid?.() ?? 0}`, `${digest}-registry.sock`)
}

/** The push of a manifest or an index is what starts runs; layers and configurations come with it and are of no use. */
const IGNORED_MEDIA_TYPES = [
  "application/octet-stream",
  "application/vnd.docker.container.image.v1+json",
  "application/vnd.docker.image.rootfs.diff.tar.gzip",
  "application/vnd.oci.image.config.v1+json",
  "application/vnd.oci.image.layer.v1.tar",
  "application/vnd.oci.image.layer.v1.tar+gzip",
  "application/vnd.oci.image.layer.v1.tar+zstd",
]

/**
 * The CNCF registry's configuration (https://distribution.github.io/distribution/about/configuration/), as JSON, which is
 * YAML too and needs no quoting of ours. Holds secrets.
 */
export function registryConfig(
  stack: Pick<StackState, "dataFolder" | "frontPort" | "hostPort" | "registry" | "registryEventsToken">,
  tokenCertFile: string,
): object {
  const publicUrl = `https://localhost:${stack.frontPort}`
  return {
    version: 0.1,
    log: { level: "error", formatter: "json", accesslog: { disabled: true } },
    storage: {
      filesystem: { rootdirectory: path.join(stack.dataFolder, "registry", "data") },
      delete: { enabled: true },
      // Uploads that were broken off; a week is the default.
      maintenance: { uploadpurging: { enabled: true, age: "168h", interval: "24h", dryrun: false } },
    },
    http: {
      // Behind the front, which has the login server's port: with TLS, plain HTTP for this machine, and ACR's own paths.
      net: "unix",
      addr: registrySocketPath(stack.dataFolder),
      // Clients come with https and with http; what the registry points to must fit both.
      relativeurls: true,
      // Signs the state of uploads: it must be the same after a restart, or pushes in flight fail.
      secret: createHash("sha256").update(`registry-uploads:${stack.registryEventsToken}`).digest("hex"),
      headers: { "X-Content-Type-Options": ["nosniff"] },
    },
    auth: {
      token: {
        // Plain HTTP, on loopback: engines fetch tokens with the system's certificates, which do not hold our CA (front/accept-plain.ts).
        realm: `http://localhost:${stack.frontPort}/oauth2/token`,
        service: loginServerOf(stack),
        issuer: registryIssuerOf(publicUrl),
        rootcertbundle: tokenCertFile,
      },
    },
    notifications: {
      events: { includereferences: false },
      endpoints: [
        {
          name: "slipway",
          url: `http://127.0.0.1:${stack.hostPort}/webhooks/registry`,
          headers: { Authorization: [`Bearer ${stack.registryEventsToken}`] },
          timeout: "5s",
          // A host that restarts is away for a second or two; the queue is in memory and ends with this process.
          threshold: 5,
          backoff: "1s",
          ignore: { actions: ["pull", "mount"], mediatypes: IGNORED_MEDIA_TYPES },
        },
      ],
    },
  }
}

/** What images of this registry are named after; fixed at the first start. */
export function loginServerOf(stack: Pick<StackState, "registry">): string {
  return `127.0.0.1:${stack.registry.port}`
}
