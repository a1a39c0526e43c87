// The container engine of a machine that has none: a Docker Engine with BuildKit that set-up unpacked below the data folder.
// It stands in for whatever runs the builders in Azure. It leaves out swarm, plug-ins, IPv6 and everything of systemd.
import { mkdir, writeFile } from "node:fs/promises"
import path from "node:path"
import { repositoryRoot } from "../repository-root.ts"
import type { StackState } from "../stack-state.ts"
import type { Part } from "../supervisor/part.ts"
import { addressPool } from "./address-pool.ts"
import { bridgeName, cgroupName, chainName, dockerdConfig } from "./dockerd-config.ts"
import { engineFolders } from "./engine-folders.ts"
import { networksInUse } from "./networks-in-use.ts"
import { pingDocker } from "./ping-docker.ts"
import { findPrivateDocker } from "./private-docker.ts"

const SYSTEM_PATH = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"]

/**
 * The private Docker Engine as a part, its configuration written; nothing where set-up did not unpack one or where we are
 * not root, which dockerd must be.
 */
export async function createEnginePart(stack: Pick<StackState, "dataFolder">): Promise<Part | undefined> {
  const docker = findPrivateDocker(stack.dataFolder)
  if (docker === undefined || process.getuid?.() !== 0) return undefined
  const folders = engineFolders(stack.dataFolder)
  const addresses = addressPool(folders.id, await networksInUse([bridgeName(folders.id)]))
  await mkdir(path.dirname(folders.config), { recursive: true })
  const config = dockerdConfig(folders, addresses, docker.init)
  await writeFile(folders.config, `${JSON.stringify(config, undefined, 2)}\n`)
  return {
    name: "engine",
    title: `Docker Engine of this stack on ${folders.socket}`,
    command: "/bin/sh",
    args: [path.join(repositoryRoot(), "local", "engine", "run-dockerd.sh")],
    env: {
      PATH: [...docker.programFolders, ...SYSTEM_PATH].join(":"),
      // Go reads it: so the daemon trusts our registry and the sign-in that the registry's challenge points to.
      SSL_CERT_FILE: path.join(stack.dataFolder, "ca", "bundle.pem"),
      DOCKERD: docker.dockerd,
      CONFIG: folders.config,
      RUN_FOLDER: folders.run,
      DATA_FOLDER: folders.data,
      BRIDGE: bridgeName(folders.id),
      GATEWAY: addresses.gateway,
      POOL: addresses.pool,
      CHAIN: chainName(folders.id),
      CGROUP: cgroupName(folders.id),
    },
    isHealthy: () => pingDocker(folders.socket),
    isNamespaced: true,
    stopTimeoutMs: 10_000,
  }
}
