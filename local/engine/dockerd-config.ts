import type { AddressPool } from "./address-pool.ts"
import type { EngineFolders } from "./engine-folders.ts"

/**
 * `daemon.json` of the private Docker Engine. Nothing in it leads outside the data folder.
 *
 * - `iptables: false`: at its start every dockerd empties the chains DOCKER and DOCKER-ISOLATION-*, which all dockerds of
 *   one network namespace share: a second one opens the first one's networks to each other; and its FORWARD DROP cuts off
 *   podman (contracts, "Local stack"). `run-dockerd.sh` makes the rules in a chain of this stack's own instead.
 * - `cgroupfs`: the systemd driver names processes to systemd by pid, and ours are those of another PID namespace.
 * - `live-restore: false`: containers end with the daemon.
 */
export function dockerdConfig(
  folders: EngineFolders,
  addresses: AddressPool,
  initProgram: string | undefined,
): Record<string, unknown> {
  return {
    "data-root": folders.data,
    "exec-root": `${folders.run}/exec`,
    pidfile: `${folders.run}/dockerd.pid`,
    group: "root",
    hosts: [`unix://${folders.socket}`],
    features: { "containerd-snapshotter": true },
    bridge: bridgeName(folders.id),
    "default-address-pools": [{ base: addresses.pool, size: addresses.networkBits }],
    iptables: false,
    ip6tables: false,
    "exec-opts": ["native.cgroupdriver=cgroupfs"],
    "cgroup-parent": cgroupName(folders.id),
    "live-restore": false,
    "shutdown-timeout": 3,
    ...(initProgram === undefined ? {} : { "init-path": initProgram }),
  }
}

/** At most 15 characters (IFNAMSIZ). */
export function bridgeName(id: string): string {
  return `slw-${id}`
}

export function chainName(id: string): string {
  return `SLIPWAY-${id}`
}

export function cgroupName(id: string): string {
  return `/slipway-${id}`
}
