/**
 * Where a registry of this login server answers, as `host:port` of `NetworkRules.allowedHosts`: without a port in its name that is the
 * default one of its protocol, and no other. Undefined when the text names no host.
 */
export function registryAddress(loginServer: string, isInsecure: boolean): string | undefined {
  const url = URL.parse(`${isInsecure ? "http" : "https"}://${loginServer}`)
  return url === null ? undefined : `${url.hostname}:${url.port || (isInsecure ? 80 : 443)}`
}
