import { describe, expect, test } from "vitest"
import { addressPool } from "../../../local/engine/address-pool.ts"
import { bridgeName, dockerdConfig } from "../../../local/engine/dockerd-config.ts"
import { engineFolders } from "../../../local/engine/engine-folders.ts"
import { containersConf, podmanBridgeName, storageConf } from "../../../local/engine/podman-config.ts"
import { hardLimit } from "../../../local/engine/write-podman-config.ts"

const folders = engineFolders("/data")
const addresses = addressPool(folders.id, [])

describe("folders", () => {
  test("are all in the data folder", () => {
    const { id, ...all } = folders

    expect(Object.values(all).every((folder) => folder.startsWith("/data/engine/"))).toBe(true)
    expect(id).toMatch(/^[0-9a-f]{10}$/)
  })

  test("but for sockets whose path would be too long there: those move below /run, each data folder's to its own", () => {
    const long = engineFolders(`/${"x".repeat(70)}`)

    expect(long.run).toBe(`/run/slipway-${long.id}`)
    expect(long.socket.startsWith(long.run)).toBe(true)
    expect(long.run).not.toBe(engineFolders(`/${"x".repeat(71)}`).run)
    expect(long.data.startsWith("/xxx")).toBe(true)
  })

  test.each([1, 40, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63, 64, 100])(
    "no socket of containerd's is longer than the kernel allows, for %i bytes",
    (length) => {
      const { run } = engineFolders(`/${"é".repeat(length / 2)}${"x".repeat(length % 2)}`)

      expect(Buffer.byteLength(`${run}/exec/containerd/containerd.sock.ttrpc`)).toBeLessThanOrEqual(107)
    },
  )
})

describe("dockerd", () => {
  test("leaves the packet rules of the machine alone and keeps to its own bridge, addresses, folders and control group", () => {
    const config = dockerdConfig(folders, addresses, undefined)

    expect(config).toMatchObject({
      iptables: false,
      ip6tables: false,
      bridge: `slw-${folders.id}`,
      "default-address-pools": [{ base: addresses.pool, size: 26 }],
      "data-root": "/data/engine/data",
      "exec-root": "/data/engine/run/exec",
      hosts: ["unix:///data/engine/run/docker.sock"],
      "cgroup-parent": `/slipway-${folders.id}`,
      features: { "containerd-snapshotter": true },
    })
    expect(config).not.toHaveProperty("insecure-registries")
    expect(config).not.toHaveProperty("init-path")
  })

  test("is told where its init program is", () => {
    expect(dockerdConfig(folders, addresses, "/somewhere/tini-static")["init-path"]).toBe("/somewhere/tini-static")
  })

  test("names interfaces in at most the 15 characters of the kernel", () => {
    expect([bridgeName(folders.id).length, podmanBridgeName(folders.id).length]).toEqual([14, 14])
  })
})

describe("podman", () => {
  const machine = { maxOpenFiles: 20_000, maxProcesses: 4096, isUnifiedCgroup: false, hasNetavark: false }

  test("is asked for no more than this process may give", () => {
    expect(containersConf(folders, addresses, machine)).toContain(
      'default_ulimits = ["nofile=20000:20000", "nproc=4096:4096"]',
    )
  })

  test("takes runc where control groups are mixed, and its own choice elsewhere", () => {
    expect(containersConf(folders, addresses, machine)).toContain('runtime = "runc"')
    expect(containersConf(folders, addresses, { ...machine, isUnifiedCgroup: true })).not.toContain("runtime")
  })

  test("takes the network program that knows names, where it is installed", () => {
    expect(containersConf(folders, addresses, { ...machine, hasNetavark: true })).toContain(
      'network_backend = "netavark"',
    )
    expect(containersConf(folders, addresses, machine)).not.toContain("network_backend")
  })

  test("keeps locks, state, networks and images to the data folder", () => {
    const conf = containersConf(folders, addresses, machine)

    expect(conf).toContain('lock_type = "file"')
    expect(conf).toContain('tmp_dir = "/data/engine/podman/run/libpod"')
    expect(conf).toContain('network_config_dir = "/data/engine/podman/networks"')
    expect(conf).toContain(`default_subnet_pools = [{ "base" = "${addresses.pool}", "size" = 26 }]`)
    expect(storageConf(folders)).toContain('graphroot = "/data/engine/podman/storage"')
  })
})

describe("hard limit", () => {
  const limits =
    "Limit  Soft Limit  Hard Limit  Units\nMax processes 100 32767 processes\nMax open files 1024 unlimited files\n"

  test("is the second number of its line, at most the ceiling", () => {
    expect(hardLimit(limits, "Max processes", 1_000_000)).toBe(32_767)
    expect(hardLimit(limits, "Max processes", 1000)).toBe(1000)
  })

  test("is the ceiling where there is none or no such line", () => {
    expect(hardLimit(limits, "Max open files", 7)).toBe(7)
    expect(hardLimit("", "Max open files", 7)).toBe(7)
  })
})
