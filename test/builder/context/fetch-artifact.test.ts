import { mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import path from "node:path"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import type { FetchDeps } from "../../../builder/context/fetch-deps.ts"
import { fetchSource } from "../../../builder/context/fetch-source.ts"
import { readSourceLocation } from "../../../shared/contexts/read-source-location.ts"
import { digestOf, startRegistry } from "./artifact-registry.ts"
import { fetchDeps } from "./fetch-deps.ts"
import { makeTar, makeTarGz } from "./make-tar.ts"

const TITLE = "org.opencontainers.image.title"
const UNPACK = "io.deis.oras.content.unpack"

let work: string
const closing: (() => Promise<unknown>)[] = []

beforeEach(async () => {
  work = await mkdtemp(path.join(tmpdir(), "fetch-artifact-"))
  await mkdir(path.join(work, "context"))
})

afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()))
  await rm(work, { recursive: true, force: true })
})

async function start(options: Parameters<typeof startRegistry>[0] = {}) {
  const registry = await startRegistry(options)
  closing.push(registry.close)
  return registry
}

async function fetchFrom(reference: string, more: Partial<FetchDeps> = {}) {
  const result = readSourceLocation(`oci://${reference}`, "source")
  if (!result.ok || result.location.type !== "artifact") throw new Error("no artifact")
  const deps = fetchDeps(work, { isInsecure: (name) => name.startsWith("127.0.0.1:"), ...more })
  const source = await fetchSource(result.location, {}, path.join(work, "context"), deps)
  return { ...source, said: deps.said }
}

const read = (name: string) => readFile(path.join(work, "context", name), "utf8")
const file = (name: string, content: string) => ({ content: Buffer.from(content), annotations: { [TITLE]: name } })

describe("layers", () => {
  test("files stand under their titles, packed folders and tar layers are unpacked", async () => {
    const registry = await start()
    const folder = makeTarGz([
      { name: "app/", type: "5" },
      { name: "app/Dockerfile", content: "FROM scratch\n" },
    ])
    const { digest } = registry.putArtifact("1", [
      file("README.md", "hello"),
      { ...file("sub/x.txt", "x"), mediaType: "text/plain" },
      { content: folder, annotations: { [TITLE]: "app", [UNPACK]: "true" } },
      {
        content: makeTar([{ name: "app/more", content: "more" }]),
        mediaType: "application/vnd.oci.image.layer.v1.tar",
      },
    ])

    const source = await fetchFrom(`${registry.name}/a:1`)

    expect(source.revision).toBe(digest)
    expect(await read("README.md")).toBe("hello")
    expect(await read("sub/x.txt")).toBe("x")
    expect(await read("app/Dockerfile")).toBe("FROM scratch\n")
    expect(await read("app/more")).toBe("more")
    expect(await readdir(work)).toEqual(["context"])
  })

  test("a layer without a name that is no tar is left out with a warning", async () => {
    const registry = await start()
    registry.putArtifact("1", [file("a", "a"), { content: Buffer.from("{}"), mediaType: "application/json" }])

    const { said } = await fetchFrom(`${registry.name}/a:1`)

    expect(said).toEqual([expect.stringMatching(/^WARNING: .*has no name and is left out/)])
  })

  test.each([
    ["../out", /a name with "\.\."/],
    ["/etc/passwd", /an absolute name/],
    ["a\0b", /a name with a NUL/],
  ])("a file called %j is refused as in an archive", async (name, message) => {
    const registry = await start()
    registry.putArtifact("1", [file(name, "x")])

    await expect(fetchFrom(`${registry.name}/a:1`)).rejects.toThrow(message)
  })

  test("layers together keep the limits, and links stay inside", async () => {
    const registry = await start()
    registry.putArtifact("many", [file("a", "a"), file("b", "b"), file("c", "c")])
    registry.putArtifact("large", [file("a", "x".repeat(2000))])
    registry.putArtifact("link", [{ content: makeTar([{ name: "l", type: "2", linkName: "../../x" }]) }])
    const limits = { maxBytes: 1000, maxEntries: 2, maxRatio: 10 }

    await expect(fetchFrom(`${registry.name}/a:many`, { limits })).rejects.toThrow(/more than 2 entries/)
    await expect(fetchFrom(`${registry.name}/a:large`, { limits })).rejects.toThrow(/2000 bytes, more than the limit/)
    await expect(fetchFrom(`${registry.name}/a:link`)).rejects.toThrow(/points out of it/)
  })

  test("what lies outside the registry is not fetched", async () => {
    const registry = await start()
    registry.putArtifact("urls", [{ ...file("a", "a"), urls: ["https://169.254.169.254/x"] }])
    registry.putArtifact("foreign", [
      { ...file("a", "a"), mediaType: "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip" },
    ])

    await expect(fetchFrom(`${registry.name}/a:urls`)).rejects.toThrow(/foreign layer/)
    await expect(fetchFrom(`${registry.name}/a:foreign`)).rejects.toThrow(/foreign layer/)
  })

  test("nothing at all is an error", async () => {
    const registry = await start()
    registry.putArtifact("1", [])

    await expect(fetchFrom(`${registry.name}/a:1`)).rejects.toThrow(/holds no files/)
  })
})

describe("digests", () => {
  test("a blob that is something else, or of another size, is refused", async () => {
    const registry = await start()
    registry.putArtifact("1", [file("a", "hello")])
    const digest = digestOf(Buffer.from("hello"))

    registry.blobs.set(digest, Buffer.from("hullo"))
    await expect(fetchFrom(`${registry.name}/a:1`)).rejects.toThrow(/sent something else for the blob/)
    registry.blobs.set(digest, Buffer.from("hello and more"))
    await expect(fetchFrom(`${registry.name}/a:1`)).rejects.toThrow(/sent more for the blob/)
    registry.blobs.set(digest, Buffer.from("hell"))
    await expect(fetchFrom(`${registry.name}/a:1`)).rejects.toThrow(/was cut off after 4 of 5 bytes/)
  })

  test("a manifest that is not the one asked for is refused", async () => {
    const registry = await start()
    const { digest } = registry.putArtifact("1", [file("a", "a")])
    const other = registry.putArtifact("2", [file("b", "b")])

    expect((await fetchFrom(`${registry.name}/a@${digest}`)).revision).toBe(digest)
    const swapped = registry.manifests.get(other.digest)
    if (swapped !== undefined) registry.manifests.set(digest, swapped)
    await expect(fetchFrom(`${registry.name}/a@${digest}`)).rejects.toThrow(/sent another manifest/)
  })

  test("of an index the run's platform is picked", async () => {
    const registry = await start()
    const amd = { ...registry.putArtifact("amd", [file("a", "amd")]), platform: { os: "linux", architecture: "amd64" } }
    const arm = {
      ...registry.putArtifact("arm", [file("a", "arm")]),
      platform: { os: "linux", architecture: "arm64", variant: "v8" },
    }
    registry.putManifest("all", { manifests: [arm, amd] }, "application/vnd.oci.image.index.v1+json")

    const source = await fetchFrom(`${registry.name}/a:all`)

    expect(source.revision).toBe(amd.digest)
    expect(await read("a")).toBe("amd")
    await expect(fetchFrom(`${registry.name}/a:all`, { platform: "windows/amd64" })).rejects.toThrow(
      /nothing for windows\/amd64; it has linux\/arm64, linux\/amd64/,
    )
  })
})

describe("logins", () => {
  const login = Buffer.from("user:pw").toString("base64")

  test.each([true, false])("the run's login is used (basic: %s)", async (isBasic) => {
    const registry = await start({ login, isBasic })
    registry.putArtifact("1", [file("a", "a")])

    await fetchFrom(`${registry.name}/a:1`, { authOf: (name) => (name === registry.name ? login : undefined) })

    expect(await read("a")).toBe("a")
  })

  test("without one it says what to do", async () => {
    const registry = await start({ login })
    registry.putArtifact("1", [file("a", "a")])

    await expect(fetchFrom(`${registry.name}/a:1`)).rejects.toThrow(
      /to nobody without a login \(401\); add credentials/,
    )
  })

  test("a blob elsewhere is fetched without the token", async () => {
    const blob = Buffer.from("elsewhere")
    const authorizations: (string | undefined)[] = []
    const store = createServer((request, response) => {
      authorizations.push(request.headers.authorization)
      response.end(blob)
    })
    await new Promise<void>((resolve) => store.listen(0, "127.0.0.1", resolve))
    closing.push(() => new Promise((resolve) => store.close(resolve)))
    const elsewhere = `127.0.0.1:${(store.address() as AddressInfo).port}`
    const registry = await start({ login, redirectTo: () => `http://${elsewhere}` })
    registry.putArtifact("1", [file("a", "elsewhere")])

    await fetchFrom(`${registry.name}/a:1`, { authOf: () => login, rules: { allowedHosts: [elsewhere] } })

    expect(await read("a")).toBe("elsewhere")
    expect(authorizations).toEqual([undefined])
  })

  test("a blob at an address that runs must not reach is refused", async () => {
    const registry = await start({ redirectTo: () => "http://169.254.169.254" })
    registry.putArtifact("1", [file("a", "a")])

    await expect(fetchFrom(`${registry.name}/a:1`)).rejects.toThrow(/private address/)
  })
})

describe("registries", () => {
  test("without the operator's word a private one is refused, and http is never tried", async () => {
    const registry = await start()
    registry.putArtifact("1", [file("a", "a")])

    await expect(fetchFrom(`${registry.name}/a:1`, { isInsecure: () => false })).rejects.toThrow(/private address/)
    await expect(
      fetchFrom(`${registry.name}/a:1`, { isInsecure: () => false, rules: { allowedHosts: [registry.name] } }),
    ).rejects.toThrow(/cannot be reached/)
    expect(registry.seen).toEqual([])
  })

  test("a tag that is not there is named", async () => {
    const registry = await start()

    await expect(fetchFrom(`${registry.name}/a:nope`)).rejects.toThrow(/a:nope" was not found; check its name and tag/)
  })
})
