import type { ImageReference } from "../../shared/registry/image-reference.ts"
import { registryAddress } from "../context/registry-address.ts"
import { createRegistryClient, type RegistryClient } from "../registry/registry-client.ts"

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

/** A client for the few small questions about one image; together they may take 15 seconds. */
export function openRepository({ registry, repository }: ImageReference, access: RegistryAccess): RegistryClient {
  const isInsecure = access.isInsecure(registry)
  // Only the operator vouches for an address: names and logins are the user's, who may have chosen them to reach what only this
  // machine does.
  const address = access.isOwn(registry) || isInsecure ? registryAddress(registry, isInsecure) : undefined
  return createRegistryClient(registry, repository, {
    login: access.authOf(registry),
    isInsecure,
    rules: { allowedHosts: [...(access.allowedHosts ?? []), ...(address === undefined ? [] : [address])] },
    ca: access.ca,
    signal: AbortSignal.timeout(3 * TIMEOUT_MS),
    stallMs: TIMEOUT_MS,
  })
}
