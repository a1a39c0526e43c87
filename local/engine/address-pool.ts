/** The half of 10.0.0.0/8 that the pools of all stacks share, and how large one stack's pool is. */
const BASE = ipToNumber("10.128.0.0")
const BASE_BITS = 9
const POOL_BITS = 18
const POOLS = 2 ** (POOL_BITS - BASE_BITS)
const POOL_SIZE = 2 ** (32 - POOL_BITS)

export type AddressPool = {
  /** All addresses of this stack's containers, in CIDR notation. */
  pool: string
  /** Address and prefix length of the bridge that build containers are on. */
  gateway: string
  /** Prefix length of a network that a run makes for its steps. */
  networkBits: number
}

/**
 * Addresses for the containers of one stack: the pool that `id` falls on, or the next one that overlaps no network of this
 * machine. Two private dockerds with the default addresses would take the same 172.17.0.2 (contracts, "Local stack").
 *
 * @param id hexadecimal, of the data folder
 * @param inUse networks that this machine is on, CIDR notation; those of IPv6 are left out of account
 */
export function addressPool(id: string, inUse: string[]): AddressPool {
  const taken = inUse.filter((cidr) => !cidr.includes(":")).map(rangeOf)
  const first = Number.parseInt(id.slice(0, 8), 16) % POOLS
  for (let step = 0; step < POOLS; step += 1) {
    const start = BASE + ((first + step) % POOLS) * POOL_SIZE
    if (taken.some((range) => range.start < start + POOL_SIZE && start < range.end)) continue
    return {
      pool: `${numberToIp(start)}/${POOL_BITS}`,
      gateway: `${numberToIp(start + 1)}/24`,
      networkBits: 26,
    }
  }
  throw new Error("no addresses are free for containers: this machine is on networks that cover 10.128.0.0/9")
}

function rangeOf(cidr: string): { start: number; end: number } {
  const [ip = "", bits = "32"] = cidr.split("/")
  const size = 2 ** (32 - Number(bits))
  const start = Math.floor(ipToNumber(ip) / size) * size
  return { start, end: start + size }
}

function ipToNumber(ip: string): number {
  return ip.split(".").reduce((sum, part) => sum * 256 + Number(part), 0)
}

function numberToIp(number: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join(".")
}
