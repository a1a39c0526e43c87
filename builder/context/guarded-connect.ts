import type { LookupAddress } from "node:dns"
import { lookup } from "node:dns/promises"
import { isIP, type LookupFunction } from "node:net"
import { ContextError, quoteName } from "./context-error.ts"
import { isPrivateAddress } from "./private-address.ts"

/** What a run may connect to. */
export type NetworkRules = {
  /** `host` or `host:port`: what the operator opened although its address is private; `*` opens everything. */
  allowedHosts: readonly string[]
  /** In place of the system's name service. */
  resolve?: (host: string) => Promise<LookupAddress[]>
}

/** True when the operator opened this host, or this port of it. */
export function isHostAllowed(host: string, port: number, { allowedHosts }: NetworkRules): boolean {
  const names = ["*", bare(host), host.toLowerCase(), `${host.toLowerCase()}:${port}`, `${bare(host)}:${port}`]
  return allowedHosts.some((entry) => names.includes(entry.toLowerCase()))
}

/**
 * Resolves a host once and returns the addresses that may be connected to: nothing else may look the name up again, or another
 * answer could lead elsewhere (DNS rebinding). Errors: ContextError when there is no such host, or when any of its addresses is
 * private and the operator has not opened it; the name service's own error when it does not answer.
 */
export async function checkedAddresses(host: string, port: number, rules: NetworkRules): Promise<LookupAddress[]> {
  const name = bare(host)
  const family = isIP(name)
  const addresses = family === 0 ? await resolve(name, rules) : [{ address: name, family }]
  if (isHostAllowed(host, port, rules)) return addresses
  const refused = addresses.find(({ address }) => isPrivateAddress(address))
  if (refused === undefined) return addresses
  const what = refused.address === name ? "is a private address" : `leads to the private address ${refused.address}`
  throw new ContextError(
    `The host ${quoteName(name)} ${what}, which runs must not reach; the operator can allow it as ${quoteName(`${name}:${port}`)}.`,
  )
}

/** Gives node's http, https and tls exactly these addresses, whatever name they ask for. */
export function pinnedLookup(addresses: LookupAddress[]): LookupFunction {
  return (_, options, callback) => {
    const [first] = addresses
    if (options.all === true) callback(null, addresses)
    else callback(null, first?.address ?? "", first?.family)
  }
}

async function resolve(name: string, rules: NetworkRules): Promise<LookupAddress[]> {
  try {
    const addresses = await (rules.resolve ?? ((host) => lookup(host, { all: true })))(name)
    if (addresses.length > 0) return addresses
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOTFOUND")) throw error
  }
  throw new ContextError(`The host ${quoteName(name)} was not found; check its name.`)
}

function bare(host: string): string {
  return host.replace(/^\[|\]$/g, "").toLowerCase()
}
