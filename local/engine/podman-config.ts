import { createHash } from "node:crypto"
import type { AddressPool } from "./address-pool.ts"
import type { EngineFolders } from "./engine-folders.ts"

/** What this process may raise its limits to, and whether control groups are version 2 alone. */
export type PodmanMachine = {
  maxOpenFiles: number
  maxProcesses: number
  isUnifiedCgroup: boolean
  /** netavark and aardvark-dns are installed: podman would go on with CNI where it has begun with it, and CNI knows no names. */
  hasNetavark: boolean
}

/** Docker's list. Podman's own differs from release to release (engines 6, difference 12). */
const CAPABILITIES = [
  "CHOWN",
  "DAC_OVERRIDE",
  "FOWNER",
  "FSETID",
  "KILL",
  "MKNOD",
  "NET_BIND_SERVICE",
  "NET_RAW",
  "SETFCAP",
  "SETGID",
  "SETPCAP",
  "SETUID",
  "SYS_CHROOT",
  "AUDIT_WRITE",
]

/**
 * `containers.conf` (containers.conf 5) of the stack's podman. It asks for no limit that this process may not give
 * (podman 4 does, and fails), takes runc where crun refuses (mixed control groups, engines 2), and keeps its locks, state
 * and networks to itself.
 */
export function containersConf(folders: EngineFolders, addresses: AddressPool, machine: PodmanMachine): string {
  const { maxOpenFiles, maxProcesses } = machine
  return toml({
    containers: {
      default_capabilities: CAPABILITIES,
      default_ulimits: [`nofile=${maxOpenFiles}:${maxOpenFiles}`, `nproc=${maxProcesses}:${maxProcesses}`],
      log_driver: "k8s-file",
    },
    engine: {
      cgroup_manager: "cgroupfs",
      events_logger: "file",
      lock_type: "file",
      tmp_dir: `${folders.podman}/run/libpod`,
      ...(machine.isUnifiedCgroup ? {} : { runtime: "runc" }),
    },
    network: {
      ...(machine.hasNetavark ? { network_backend: "netavark" } : {}),
      network_config_dir: `${folders.podman}/networks`,
      default_network: networkName(folders.id),
      default_subnet_pools: [{ base: addresses.pool, size: addresses.networkBits }],
    },
  })
}

/** `storage.conf` (containers-storage.conf 5): images and containers in the data folder. */
export function storageConf(folders: EngineFolders): string {
  return toml({
    storage: { driver: "overlay", graphroot: `${folders.podman}/storage`, runroot: `${folders.podman}/run/storage` },
  })
}

/** `registries.conf` (containers-registries.conf 5): short names are Docker Hub's, as docker reads them. */
export function registriesConf(): string {
  return `unqualified-search-registries = ["docker.io"]\nshort-name-mode = "disabled"\n`
}

/**
 * The network of containers that name none, as podman stores networks. Its bridge has a name of its own: two podmans that
 * share `podman0` would share its addresses. `isolate`: no way into other networks.
 */
export function defaultNetwork(folders: EngineFolders, addresses: AddressPool): Record<string, unknown> {
  const [ip = ""] = addresses.gateway.split("/")
  return {
    name: networkName(folders.id),
    id: createHash("sha256").update(networkName(folders.id)).digest("hex"),
    driver: "bridge",
    network_interface: podmanBridgeName(folders.id),
    created: "2026-01-01T00:00:00Z",
    subnets: [{ subnet: `${ip.replace(/\.\d+$/, ".0")}/24`, gateway: ip }],
    ipv6_enabled: false,
    internal: false,
    dns_enabled: false,
    options: { isolate: "true" },
    ipam_options: { driver: "host-local" },
  }
}

export function networkName(id: string): string {
  return `slipway-${id}`
}

/** At most 15 characters (IFNAMSIZ). */
export function podmanBridgeName(id: string): string {
  return `slp-${id}`
}

type Toml = string | number | boolean | Toml[] | { [key: string]: Toml }

/** Tables of keys; strings and numbers look in TOML as they do in JSON. */
function toml(tables: Record<string, Record<string, Toml>>): string {
  const text = (value: Toml): string => {
    if (Array.isArray(value)) return `[${value.map(text).join(", ")}]`
    if (typeof value !== "object") return JSON.stringify(value)
    return `{ ${Object.entries(value)
      .map(([key, one]) => `"${key}" = ${text(one)}`)
      .join(", ")} }`
  }
  return Object.entries(tables)
    .map(([name, keys]) =>
      [`[${name}]`, ...Object.entries(keys).map(([key, value]) => `${key} = ${text(value)}`), ""].join("\n"),
    )
    .join("\n")
}
