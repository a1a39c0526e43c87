import { isIP } from "node:net"
import { DOCKER_HUB } from "../../shared/registry/image-reference.ts"

const REALMS: Record<string, string> = { [DOCKER_HUB]: "auth.docker.io" }
const PRIVATE =
  /^(?:0|10|127|169\.254|192\.168|168\.63\.129\.16|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])|172\.(?:1[6-9]|2\d|3[01]))(?:\.|$)/

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

/** True for addresses that only this machine or its own network reaches. Names are not looked up. */
export function isPrivateHost(hostname: string): boolean {
  const name = hostname.replace(/^\[|\]$/g, "").toLowerCase()
  if (isLoopback(name) || (PRIVATE.test(name) && isIP(name) === 4)) return true
  return isIP(name) === 6 && /^(?:::|f[cd]|fe[89ab])/.test(name)
}

function isLoopback(hostname: string): boolean {
  return /^(?:localhost|127(?:\.\d+){3}|\[?::1\]?)$/i.test(hostname)
}
