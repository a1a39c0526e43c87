import { BlockList, isIP } from "node:net"

/** What only this machine, its network or its cloud reaches (RFC 6890; Azure's 168.63.129.16 is a public number that is not). */
const PRIVATE_V4: [string, number][] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["168.63.129.16", 32],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
]
/** Unspecified, loopback and IPv4-compatible; mapped; local NAT64; discard; Teredo; 6to4; unique local; link and site local; multicast. */
const PRIVATE_V6: [string, number][] = [
  ["::", 96],
  ["::ffff:0:0", 96],
  ["64:ff9b:1::", 48],
  ["100::", 64],
  ["2001::", 32],
  ["2002::", 16],
  ["fc00::", 7],
  ["fe80::", 10],
  ["fec0::", 10],
  ["ff00::", 8],
]
/** NAT64 leads to the IPv4 address in its last 32 bits. */
const NAT64 = "64:ff9b::"

// Two lists: one alone takes every IPv4 address for its mapped form.
const blockedV4 = new BlockList()
const blockedV6 = new BlockList()
for (const [network, bits] of PRIVATE_V4) {
  blockedV4.addSubnet(network, bits, "ipv4")
  blockedV6.addSubnet(`${NAT64}${network}`, 96 + bits, "ipv6")
}
for (const [network, bits] of PRIVATE_V6) blockedV6.addSubnet(network, bits, "ipv6")

/** True for an address that a run must not reach (triggers, "Security"); also for what is no address. */
export function isPrivateAddress(address: string): boolean {
  const plain = address.replace(/%.*$/, "")
  const family = isIP(plain)
  if (family === 0) return true
  return family === 4 ? blockedV4.check(plain, "ipv4") : blockedV6.check(plain, "ipv6")
}
