import { createServer, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { describe, expect, onTestFinished, test } from "vitest"
import { explainPlatform } from "../../../builder/engine/explain-platform.ts"
import { recordingSession } from "./recording-session.ts"

const DIGEST = `sha256:${"a".repeat(64)}`
const failed = { exitCode: 125, reason: `No such image: r.io/a@${DIGEST}` }
const INDEX = {
  manifests: [
    { platform: { os: "linux", architecture: "amd64" } },
    { platform: { os: "linux", architecture: "arm", variant: "v7" } },
    { platform: { os: "unknown", architecture: "unknown" } },
    { digest: DIGEST },
  ],
}
const MANIFEST = { config: { digest: DIGEST }, layers: [] }
const CONFIG = { os: "linux", architecture: "amd64", config: {} }

/** A registry that has these documents, by path below the repository, and a run that asks it. */
async function worldOf(documents: Record<string, unknown>, stdout = "") {
  const asked: string[] = []
  const server = createServer((request, response: ServerResponse) => {
    const path = (request.url ?? "").replace("/v2/a/", "")
    asked.push(path)
    if (documents[path] === undefined) response.writeHead(404).end("{}")
    else response.end(typeof documents[path] === "string" ? documents[path] : JSON.stringify(documents[path]))
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  onTestFinished(() => void server.close())
  const { session, calls } = await recordingSession(() => ({ exitCode: 0, stdout }))
  session.registries = { ...session.registries, isInsecure: () => true }
  const image = `127.0.0.1:${(server.address() as AddressInfo).port}/a@${DIGEST}`
  const explain = (platform: string, changes: { image?: string; pull?: "never" } = {}, result = failed) =>
    explainPlatform(session, { image, platform, pull: "missing", ...changes }, result)
  return { explain, image, asked, calls }
}

describe("a container whose image has no such platform", () => {
  test("ends with what an index has", async () => {
    const { explain, image } = await worldOf({ [`manifests/${DIGEST}`]: INDEX })

    expect(await explain("linux/386")).toEqual({
      exitCode: 125,
      reason: `the image ${image} is not for linux/386, it is for linux/amd64, linux/arm/v7: run it for one of them (--platform linux/amd64), or name another image`,
    })
  })

  test("ends with what a single image is for", async () => {
    const { explain, asked } = await worldOf({ [`manifests/${DIGEST}`]: MANIFEST, [`blobs/${DIGEST}`]: CONFIG })

    const { reason } = await explain("linux/386")

    expect(reason).toMatch(/is not for linux\/386, it is for linux\/amd64: run it /)
    expect(asked).toEqual([`manifests/${DIGEST}`, `blobs/${DIGEST}`])
  })

  test("ends with what the engine says of an image that only it has", async () => {
    const { explain, asked, calls } = await worldOf({}, "linux/arm64\n")

    const { reason } = await explain("linux/amd64", { image: "slipway/run-ca1:1", pull: "never" })

    expect(reason).toMatch(/^the image slipway\/run-ca1:1 is not for linux\/amd64, it is for linux\/arm64: /)
    expect(calls[0]?.args.at(-1)).toBe("slipway/run-ca1:1")
    expect(asked).toEqual([])
  })

  test("ends with some of very many", async () => {
    const manifests = Array.from({ length: 50 }, (_, at) => ({ platform: { os: "linux", architecture: `a${at}` } }))
    const { explain } = await worldOf({ [`manifests/${DIGEST}`]: { manifests } })

    expect((await explain("linux/386")).reason).toMatch(/it is for linux\/a0, .*linux\/a9, …: run/)
  })
})

describe("any other end stays as it is", () => {
  test.each([
    ["the platform is there", "linux/arm", INDEX],
    ["another variant of it is there", "linux/arm/v6", INDEX],
    ["the registry does not say", "linux/386", undefined],
    ["the registry says something else", "linux/386", "<html>"],
    [
      "the registry says what is no platform",
      "linux/386",
      { manifests: [{ platform: { os: "a\nb", architecture: "c" } }] },
    ],
    ["the registry names what is no digest", "linux/386", { config: { digest: "../../x" } }],
    ["the answer is endless", "linux/386", `"${"x".repeat(5 * 1024 * 1024)}"`],
  ])("where %s", async (_, platform, manifest) => {
    const { explain } = await worldOf({ [`manifests/${DIGEST}`]: manifest })

    expect(await explain(platform)).toEqual(failed)
  })

  test("and costs no question where the engine had no trouble", async () => {
    const { session, calls } = await recordingSession(() => ({ exitCode: 0 }))
    const options = { image: "r.io/a:1", platform: "linux/386", pull: "never" as const }

    expect(await explainPlatform(session, options, { exitCode: 125 })).toEqual({ exitCode: 125 })
    expect(calls).toEqual([])
  })
})
