import { readFile } from "node:fs/promises"

/**
 * IPv4 networks that this machine has a route to, CIDR notation, but for bridges that this stack left behind. Read from the
 * kernel: `os.networkInterfaces()` leaves out a bridge that no container is on at the moment (it is up, not running).
 */
export async function networksInUse(ownBridges: string[]): Promise<string[]> {
  return routedNetworks(await readFile("/proc/net/route", "utf8").catch(() => ""), ownBridges)
}

/**
 * @param table `/proc/net/route` (proc 5): addresses and masks are hexadecimal, in the byte order of the machine, which is
 * little-endian wherever we run; the default route, whose mask is 0, is no network
 */
export function routedNetworks(table: string, ownBridges: string[]): string[] {
  return table
    .split("\n")
    .slice(1)
    .map((line) => line.split("\t"))
    .flatMap(([name = "", destination = "", , , , , , mask = ""]) => {
      const bits = Number.parseInt(mask, 16).toString(2).replaceAll("0", "").length
      return mask === "" || bits === 0 || ownBridges.includes(name) ? [] : [`${addressOf(destination)}/${bits}`]
    })
}

function addressOf(hexadecimal: string): string {
  return [...Buffer.from(hexadecimal, "hex")].reverse().join(".")
}
