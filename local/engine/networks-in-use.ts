import { networkInterfaces } from "node:os"

/** IPv4 networks that this machine is on, CIDR notation, but for bridges that this stack left behind. */
export function networksInUse(ownBridges: string[]): string[] {
  return Object.entries(networkInterfaces())
    .filter(([name]) => !ownBridges.includes(name))
    .flatMap(([, addresses]) => addresses ?? [])
    .flatMap(({ family, cidr }) => (family === "IPv4" && cidr !== null ? [cidr] : []))
}
