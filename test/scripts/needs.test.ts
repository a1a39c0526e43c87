import { describe, expect, test } from "vitest"
import { needsFor, wantsPrivateDocker } from "../../scripts/set-up/needs.mjs"
import { instructions } from "../../scripts/set-up/set-up.mjs"

const ROOT = true
const packages = (...args: Parameters<typeof needsFor>) => needsFor(...args).map((need) => need.package)

describe("where an engine answers", () => {
  test.each(["docker", "podman"] as const)("nothing of an engine is installed beside %s", (engine) => {
    expect(packages("demo", engine, ROOT, true)).toEqual([
      "ca-certificates",
      "tar",
      "git",
      "openssh-client",
      "bzip2",
      "xz-utils",
      "zstd",
      "bubblewrap",
      "util-linux",
      "util-linux",
      "docker-registry",
      "azure-cli",
    ])
  })

  test("the tests bring both engines, since they drive both dialects", () => {
    expect(packages("test", "docker", ROOT, false)).toEqual(expect.arrayContaining(["podman", "containerd", "runc"]))
    expect(wantsPrivateDocker("test", "podman", ROOT)).toBe(true)
  })
})

describe("where none answers", () => {
  test("root gets what a private Docker Engine stands on, and no system daemon", () => {
    const names = packages("start", "private-docker", ROOT, false)

    expect(names).toEqual(expect.arrayContaining(["containerd", "runc", "iptables", "iproute2"]))
    expect(names.some((name) => name.startsWith("docker.io") || name === "podman")).toBe(false)
    expect(wantsPrivateDocker("start", "private-docker", ROOT)).toBe(true)
  })

  test("AppArmor's loader comes along only where the kernel confines with it", () => {
    expect(packages("start", "private-docker", ROOT, true)).toContain("apparmor")
    expect(packages("start", "private-docker", ROOT, false)).not.toContain("apparmor")
  })

  test("anyone else gets podman with what it needs to run without root", () => {
    expect(packages("start", "private-podman", false, false)).toEqual(
      expect.arrayContaining(["podman", "uidmap", "slirp4netns"]),
    )
    expect(wantsPrivateDocker("test", "private-podman", false)).toBe(false)
  })

  test("a private Docker Engine that has failed its trial is not asked for again", () => {
    expect(wantsPrivateDocker("test", "private-podman", ROOT)).toBe(false)
    expect(packages("start", "private-podman", ROOT, false)).not.toContain("slirp4netns")
  })
})

test("only the demo and the tests need the Azure CLI, and they can do without", () => {
  expect(packages("start", "docker", ROOT, false)).not.toContain("azure-cli")
  expect(needsFor("demo", "docker", ROOT, false).find((need) => need.package === "azure-cli")?.isOptional).toBe(true)
})

test("only the tests bring an sshd", () => {
  expect(packages("test", "docker", ROOT, false)).toContain("openssh-server")
  for (const purpose of ["demo", "start"] as const)
    expect(packages(purpose, "docker", ROOT, false)).not.toContain("openssh-server")
})

test("no program is listed twice", () => {
  const programs = needsFor("test", "private-podman", false, true).map((need) => need.program)

  expect(programs).toEqual([...new Set(programs)])
})

test("an unknown system is told each program, its Debian package, what it is for and what may be left out", () => {
  const needs = needsFor("demo", "private-docker", ROOT, false)

  const text = instructions(needs)

  expect(text).toContain("  docker-registry (Debian: docker-registry): the stack's registry")
  expect(text).toContain("  az (Debian: azure-cli), if you can: ")
  expect(text).toContain("or a Docker Engine with buildx, or Podman")
})
