import type { ImageReference } from "../../shared/registry/image-reference.ts"
import { registryAddress } from "../context/registry-address.ts"
import { createRegistryClient, MANIFEST_TYPES } from "../registry/registry-client.ts"

/** How to talk to registries: the run's own logins by login server, as `user:password` in base64. */
export type RegistryAccess = {
  authOf(registry: string): string | undefined
  isInsecure(registry: string): boolean
  /** True for the registry that the run belongs to. */
  isOwn(registry: string): boolean
  ca: string | undefined
  /** `host` or `host:port` of private registries that the operator opened. */
  allowedHosts?: readonly string[]
}

const TIMEOUT_MS = 5000

/**
 * Asks the registry what a tag means now, without pulling (distribution specification: `HEAD …/manifests/<tag>`,
 * `Docker-Content-Digest`). Undefined when the registry does not say.
 */
export async function resolveDigest(image: ImageReference, access: RegistryAccess): Promise<string | undefined> {
  const { registry, repository } = image
  const login = access.authOf(registry)
  const isInsecure = access.isInsecure(registry)
  // Only the operator vouches for an address: names and logins are the user's, who may have chosen them to reach what only this
  // machine does.
  const address = access.isOwn(registry) || isInsecure ? registryAddress(registry, isInsecure) : undefined
  const rules = { allowedHosts: [...(access.allowedHosts ?? []), ...(address === undefined ? [] : [address])] }
  try {
    const signal = AbortSignal.timeout(3 * TIMEOUT_MS)
    const client = createRegistryClient(registry, repository, {
      login,
      isInsecure,
      rules,
      ca: access.ca,
      signal,
      stallMs: TIMEOUT_MS,
    })
    const answer = await client.request("HEAD", `manifests/${image.digest ?? image.tag ?? "latest"}`, MANIFEST_TYPES)
    answer.destroy()
    const digest = answer.statusCode === 200 ? answer.headers["docker-content-digest"] : undefined
    return typeof digest === "string" && /^sha256:[0-9a-f]{64}$/.test(digest) ? digest : undefined
  } catch {
    return undefined
  }
}
