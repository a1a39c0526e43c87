import { existsSync } from "node:fs"
import { mkdir, readFile, writeFile } from "node:fs/promises"
import path from "node:path"
import type { StackState } from "../stack-state.ts"
import { addressPool } from "./address-pool.ts"
import { engineFolders } from "./engine-folders.ts"
import { networksInUse } from "./networks-in-use.ts"
import {
  containersConf,
  defaultNetwork,
  networkName,
  podmanBridgeName,
  registriesConf,
  storageConf,
} from "./podman-config.ts"

/** What Docker and podman 4 ask for where nothing stands against it. */
const OPEN_FILES = 1_048_576

/** The most that a container gets from podman 4.3 without CAP_SYS_RESOURCE, whatever our own limit is (measured). */
const PROCESSES = 32_768

/**
 * Writes the configuration of the stack's podman into the data folder and returns the environment that leads podman to it.
 * Nothing of the system's configuration is changed.
 */
export async function writePodmanConfig(stack: Pick<StackState, "dataFolder">): Promise<Record<string, string>> {
  const folders = engineFolders(stack.dataFolder)
  const addresses = addressPool(folders.id, await networksInUse([podmanBridgeName(folders.id)]))
  const limits = await readFile("/proc/self/limits", "utf8")
  const machine = {
    maxOpenFiles: hardLimit(limits, "Max open files", OPEN_FILES),
    maxProcesses: hardLimit(limits, "Max processes", PROCESSES),
    isUnifiedCgroup: existsSync("/sys/fs/cgroup/cgroup.controllers"),
    hasNetavark: ["netavark", "aardvark-dns"].every((name) => existsSync(`/usr/lib/podman/${name}`)),
  }
  const networks = path.join(folders.podman, "networks")
  await mkdir(networks, { recursive: true })
  const at = (name: string) => path.join(folders.podman, name)
  await Promise.all([
    writeFile(at("containers.conf"), containersConf(folders, addresses, machine)),
    writeFile(at("storage.conf"), storageConf(folders)),
    writeFile(at("registries.conf"), registriesConf()),
    writeFile(
      path.join(networks, `${networkName(folders.id)}.json`),
      JSON.stringify(defaultNetwork(folders, addresses), undefined, 2),
    ),
  ])
  return {
    CONTAINERS_CONF: at("containers.conf"),
    CONTAINERS_STORAGE_CONF: at("storage.conf"),
    CONTAINERS_REGISTRIES_CONF: at("registries.conf"),
    PODMAN_IGNORE_CGROUPSV1_WARNING: "1",
  }
}

/**
 * The hard limit of a line of `/proc/self/limits` (proc 5), at most `ceiling`: more can be had only with CAP_SYS_RESOURCE.
 *
 * @param name as that file has it
 */
export function hardLimit(limits: string, name: string, ceiling: number): number {
  const line = limits.split("\n").find((one) => one.startsWith(name)) ?? ""
  const hard = line.slice(name.length).trim().split(/\s+/)[1]
  return hard === undefined || hard === "unlimited" ? ceiling : Math.min(Number(hard), ceiling)
}
