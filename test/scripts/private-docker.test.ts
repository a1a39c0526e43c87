import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { findPrivateDocker, mirrorOf, privateSource } from "../../scripts/set-up/private-docker.mjs"

describe("the mirror of the newer release is the machine's own mirror", () => {
  const TARGETS = [
    "stable main http://other.example/",
    "bookworm-security main http://mirror.example/debian-security/",
    "bookworm contrib http://contrib.example/debian/",
    "bookworm main http://mirror.example/debian/",
    "bookworm main http://second.example/debian/",
  ].join("\n")

  test("of its release and its main component, the first", () => {
    expect(mirrorOf(TARGETS, "bookworm")).toBe("http://mirror.example/debian/")
  })

  test("none where the release has no source", () => {
    expect(mirrorOf(TARGETS, "trixie")).toBeUndefined()
    expect(mirrorOf("", "bookworm")).toBeUndefined()
  })

  test("and what comes from it must be signed by Debian", () => {
    expect(privateSource("http://mirror.example/debian/", "trixie")).toBe(
      "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://mirror.example/debian/ trixie main\n",
    )
  })
})

describe("a private Docker Engine", () => {
  let root = ""
  beforeEach(async () => {
    root = await mkdtemp(path.join(tmpdir(), "slipway-private-"))
  })
  afterEach(() => rm(root, { recursive: true }))

  async function unpack(dataFolder: string, programs: string[]) {
    for (const program of programs) {
      const file = path.join(dataFolder, "engine", "root", program)
      await mkdir(path.dirname(file), { recursive: true })
      await writeFile(file, "")
    }
  }
  const WHOLE = ["usr/sbin/dockerd", "usr/bin/docker", "usr/libexec/docker/cli-plugins/docker-buildx"]

  test("counts as unpacked only with all its programs", async () => {
    const data = path.join(root, "data")
    await unpack(data, WHOLE.slice(0, 2))

    expect(findPrivateDocker(root, data)).toBeUndefined()

    await unpack(data, WHOLE)

    expect(findPrivateDocker(root, data)).toBe(path.join(data, "engine", "root"))
  })

  test("of the default data folder serves the others, too", async () => {
    await unpack(path.join(root, ".slipway"), WHOLE)

    expect(findPrivateDocker(root, path.join(root, "other"))).toBe(path.join(root, ".slipway", "engine", "root"))
  })
})
