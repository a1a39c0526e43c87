import { DOCKER_HUB } from "../../shared/registry/image-reference.ts"

const REALMS: Record<string, string> = { [DOCKER_HUB]: "auth.docker.io" }

/**
 * Whether a token is asked for at the realm that a registry names: on its own host, whatever the port where that is
 * loopback, or where Docker Hub keeps it. A realm is the registry's own words, and the login would go there.
 */
export function isTrustedRealm(realm: URL, registry: string, isInsecure: boolean): boolean {
  const host = new URL(`https://${registry}`)
  const isLocal = isLoopback(host.hostname) && isLoopback(realm.hostname)
  if (realm.protocol !== "https:" && !(realm.protocol === "http:" && (isInsecure || isLocal))) return false
  return isLocal || realm.host === host.host || realm.hostname === host.hostname || realm.hostname === REALMS[registry]
}

function isLoopback(hostname: string): boolean {
  return /^(?:localhost|127(?:\.\d+){3}|\[?::1\]?)$/i.test(hostname)
}
