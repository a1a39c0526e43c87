import { execFileSync } from "node:child_process"
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises"
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import { createServer as createTlsServer } from "node:https"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import path from "node:path"
import { gzipSync, zstdCompressSync } from "node:zlib"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { ContextError } from "../../../builder/context/context-error.ts"
import type { FetchDeps } from "../../../builder/context/fetch-deps.ts"
import { fetchSource } from "../../../builder/context/fetch-source.ts"
import { readSourceLocation } from "../../../shared/contexts/read-source-location.ts"
import { takeSecrets } from "../../../shared/contexts/take-secrets.ts"
import { fetchDeps } from "./fetch-deps.ts"
import { makeCertificate } from "./git-server.ts"
import { makeTar } from "./make-tar.ts"

type Answer = (request: IncomingMessage, response: ServerResponse) => void

let work: string
let server: Server | undefined
let seen: string[]

beforeEach(async () => {
  work = await mkdtemp(path.join(tmpdir(), "fetch-archive-"))
  await mkdir(path.join(work, "context"))
  seen = []
})

afterEach(async () => {
  server?.closeAllConnections()
  await new Promise((resolve) => (server === undefined ? resolve(undefined) : server.close(resolve)))
  server = undefined
  await rm(work, { recursive: true, force: true })
})

async function serve(answer: Answer, tls?: { key: string; cert: string }): Promise<string> {
  const listener: Answer = (request, response) => {
    seen.push(`${request.url} ${request.headers.authorization ?? "-"} ${request.headers.range ?? "-"}`)
    answer(request, response)
  }
  const listening = tls === undefined ? createServer(listener) : createTlsServer(tls, listener)
  server = listening
  await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve))
  return `127.0.0.1:${(listening.address() as AddressInfo).port}`
}

const serveBytes = (bytes: Buffer) => serve((_, response) => void response.end(bytes))

async function fetchFrom(text: string, more: Partial<FetchDeps> = {}) {
  const read = readSourceLocation(text, "source")
  if (!read.ok) throw new Error(read.problems.join())
  const { location, secrets } = takeSecrets(read.location)
  if (location.type !== "archive") throw new Error(location.type)
  const deps = fetchDeps(work, { rules: { allowedHosts: ["127.0.0.1"] }, ...more })
  await fetchSource(location, secrets, path.join(work, "context"), deps)
  return deps.said
}

const read = (name: string) => readFile(path.join(work, "context", name), "utf8")
const tar = makeTar([
  { name: "src/", type: "5" },
  { name: "src/Dockerfile", content: "FROM scratch\n" },
])
const packedBy = (program: string, bytes: Buffer) => execFileSync(program, ["-c"], { input: bytes, maxBuffer: 1e9 })

describe("kinds", () => {
  test.each([
    ["tar", () => tar],
    ["gzip", () => gzipSync(tar)],
    ["bzip2", () => packedBy("bzip2", tar)],
    ["xz", () => packedBy("xz", tar)],
    ["zstd", () => zstdCompressSync(tar)],
  ])("%s is told by its content, whatever the URL says", async (_, pack) => {
    const host = await serveBytes(pack())

    await fetchFrom(`http://${host}/anything`)

    expect(await read("src/Dockerfile")).toBe("FROM scratch\n")
  })

  test.each([
    ["two gzip members", () => Buffer.concat([gzipSync(tar.subarray(0, 700)), gzipSync(tar.subarray(700))])],
    [
      "two zstd frames",
      () => Buffer.concat([zstdCompressSync(tar.subarray(0, 700)), zstdCompressSync(tar.subarray(700))]),
    ],
    ["two xz streams", () => Buffer.concat([packedBy("xz", tar.subarray(0, 700)), packedBy("xz", tar.subarray(700))])],
  ])("%s are one archive", async (_, pack) => {
    const host = await serveBytes(pack())

    await fetchFrom(`http://${host}/x.tgz`)

    expect(await read("src/Dockerfile")).toBe("FROM scratch\n")
  })

  test("what the system's own tar writes", async () => {
    await mkdir(path.join(work, "seed/bin"), { recursive: true })
    await writeFile(path.join(work, "seed/bin/run"), "#!/bin/sh\n", { mode: 0o755 })
    const archive = execFileSync("tar", ["-C", path.join(work, "seed"), "-cJf", "-", "."], { maxBuffer: 1e8 })
    const host = await serveBytes(archive)

    await fetchFrom(`http://${host}/x.tar.xz`)

    expect(await read("bin/run")).toBe("#!/bin/sh\n")
  })

  test.each([
    ["nothing", Buffer.alloc(0), /nothing \(0 bytes\)/],
    ["a zip", Buffer.from("PK\u0003\u0004 and more", "latin1"), /a zip archive/],
    ["a web page", Buffer.from("<!DOCTYPE html><html>…"), /a web page \(a repository's URL ends in \.git\)/],
    ["JSON", Buffer.from('{"message":"Not Found"}'), /a JSON text/],
    ["a Dockerfile", Buffer.from("FROM scratch\n"), /a text/],
    ["bytes", Buffer.from([1, 2, 3, 4, 5, 6, 7]), /begins with the bytes 010203040506/],
    ["an empty tar", Buffer.alloc(10_240), /\(tar\) holds no files/],
    ["an empty tar, packed", gzipSync(Buffer.alloc(10_240)), /\(gzip\) holds no files/],
    ["a packed text", gzipSync(Buffer.from("hello".repeat(500))), /is not a .*tar/],
  ])("%s is an error that names what was found", async (_, bytes, message) => {
    const host = await serveBytes(bytes)

    const failure = fetchFrom(`http://${host}/x.tar.gz`)

    await expect(failure).rejects.toBeInstanceOf(ContextError)
    await expect(failure).rejects.toThrow(message)
  })

  test.each([
    ["gzip", (bytes: Buffer) => gzipSync(bytes)],
    ["bzip2", (bytes: Buffer) => packedBy("bzip2", bytes)],
    ["xz", (bytes: Buffer) => packedBy("xz", bytes)],
    ["zstd", (bytes: Buffer) => zstdCompressSync(bytes)],
  ])("a %s archive that is cut off is an error", async (_, pack) => {
    const noise = makeTar([
      { name: "noise", content: Buffer.from(Array.from({ length: 9000 }, (_, i) => (i * i * 7) % 251)) },
    ])
    const bytes = pack(noise)
    const host = await serveBytes(bytes.subarray(0, bytes.length - 40))

    await expect(fetchFrom(`http://${host}/x`)).rejects.toBeInstanceOf(ContextError)
  })

  test.each([
    ["gzip", (bytes: Buffer) => gzipSync(bytes)],
    ["bzip2", (bytes: Buffer) => packedBy("bzip2", bytes)],
    ["xz", (bytes: Buffer) => packedBy("xz", bytes)],
    ["zstd", (bytes: Buffer) => zstdCompressSync(bytes)],
  ])("a %s bomb is stopped by its ratio", async (_, pack) => {
    const host = await serveBytes(pack(makeTar([{ name: "bomb", content: Buffer.alloc(40 * 1024 * 1024) }])))

    await expect(fetchFrom(`http://${host}/x`)).rejects.toThrow(/more than 200 times its size/)
  })

  test("a program that is not there is named with what to do", async () => {
    const host = await serveBytes(packedBy("xz", tar))

    await expect(fetchFrom(`http://${host}/x`, { path: path.join(work, "nowhere") })).rejects.toThrow(
      /packed with xz, which this builder lacks \(Debian package xz-utils\); offer it as \.tar\.gz/,
    )
  })

  test("the rules for names hold for every kind", async () => {
    const host = await serveBytes(packedBy("bzip2", makeTar([{ name: "../out", content: "x" }])))

    await expect(fetchFrom(`http://${host}/x`)).rejects.toThrow(/a name with "\.\."/)
  })
})

describe("connections", () => {
  test("plain http is said in the log and takes no secret along", async () => {
    const host = await serveBytes(gzipSync(tar))

    expect(await fetchFrom(`http://${host}/x.tgz`)).toEqual([expect.stringMatching(/^WARNING: .*plain http:\/\//)])
    await expect(fetchFrom(`http://me:pw@${host}/x.tgz`)).rejects.toThrow(/use https:\/\//)
    await expect(fetchFrom(`http://${host}/x.tgz?sig=hunter2`)).rejects.toThrow(/use https:\/\//)
    expect(seen).toHaveLength(1)
  })

  test("a login and a signature go to the server over TLS", async () => {
    const { tls, ca } = await makeCertificate(work)
    const host = await serve((_, response) => void response.end(gzipSync(tar)), tls)

    const said = await fetchFrom(`https://me:pw@${host}/x.tgz?sp=r&sig=a%2Bb`, { ca })

    expect(seen).toEqual([`/x.tgz?sp=r&sig=a%2Bb Basic ${Buffer.from("me:pw").toString("base64")} -`])
    expect(said).toEqual([])
    expect(await read("src/Dockerfile")).toBe("FROM scratch\n")
  })

  test("a certificate that nobody vouches for is refused", async () => {
    const { tls } = await makeCertificate(work)
    const host = await serve((_, response) => void response.end(gzipSync(tar)), tls)

    await expect(fetchFrom(`https://${host}/x.tgz`)).rejects.toThrow(/cannot be reached: unable to verify/)
  })

  test("5xx and cut connections are tried three more times", async () => {
    const answers: Answer[] = [
      (_, response) => void response.writeHead(503).end(),
      (request) => void request.socket.destroy(),
      (_, response) => void response.writeHead(500).end(),
      (_, response) => void response.end(gzipSync(tar)),
    ]
    const host = await serve((request, response) => answers.shift()?.(request, response))

    await fetchFrom(`http://${host}/x.tgz`)

    expect(seen).toHaveLength(4)
  })

  test("the fourth failure is final", async () => {
    const host = await serve((_, response) => void response.writeHead(502).end())

    await expect(fetchFrom(`http://${host}/x.tgz`)).rejects.toThrow(/cannot be reached: it answered 502/)
    expect(seen).toHaveLength(4)
  })

  test.each([400, 401, 403, 404, 410])("%i is final at once", async (status) => {
    const host = await serve((_, response) => void response.writeHead(status).end())

    await expect(fetchFrom(`http://${host}/x.tgz`)).rejects.toThrow(new RegExp(`answered ${status}\\. Please check`))
    expect(seen).toHaveLength(1)
  })

  test("a download that breaks goes on where it broke, of the same file", async () => {
    const bytes = gzipSync(tar)
    const host = await serve((request, response) => {
      const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0)
      const isResumed = from > 0 && request.headers["if-range"] === '"v1"'
      response.writeHead(isResumed ? 206 : 200, { etag: '"v1"', "content-length": bytes.length - from })
      response.write(bytes.subarray(from, from + 60), () =>
        isResumed ? response.end(bytes.subarray(from + 60)) : response.destroy(),
      )
    })

    await fetchFrom(`http://${host}/x.tgz`)

    expect(seen.at(-1)).toMatch(/bytes=\d+-$/)
    expect(await read("src/Dockerfile")).toBe("FROM scratch\n")
  })

  test("a file that changed meanwhile is no continuation", async () => {
    let version = 0
    const bytes = gzipSync(tar)
    const host = await serve((_, response) => {
      version += 1
      response.writeHead(200, { etag: `"v${version}"`, "content-length": bytes.length })
      response.write(bytes.subarray(0, 60), () => response.destroy())
    })

    await expect(fetchFrom(`http://${host}/x.tgz`)).rejects.toThrow(/changed while it was downloaded/)
  })

  test("more bytes than allowed are refused, announced or not", async () => {
    const limits = { maxBytes: 100, maxEntries: 10, maxRatio: 100 }
    let isAnnounced = true
    const host = await serve((_, response) => {
      if (isAnnounced) response.setHeader("content-length", 5000)
      response.end(Buffer.alloc(5000, 7))
    })

    await expect(fetchFrom(`http://${host}/x`, { limits })).rejects.toThrow(/larger than 100 bytes/)
    isAnnounced = false
    await expect(fetchFrom(`http://${host}/x`, { limits })).rejects.toThrow(/larger than 100 bytes/)
  })

  test("a private address is refused, also behind a redirect", async () => {
    const host = await serve((_, response) => void response.writeHead(302, { location: "http://10.0.0.1/x.tgz" }).end())

    await expect(fetchFrom(`http://${host}/x.tgz`, { rules: { allowedHosts: [] } })).rejects.toThrow(/private address/)
    expect(seen).toEqual([])
    await expect(fetchFrom(`http://${host}/x.tgz`)).rejects.toThrow(/"10\.0\.0\.1" is a private address/)
  })

  test("an abort ends it at once", async () => {
    const controller = new AbortController()
    const host = await serve(() => controller.abort(new Error("canceled")))

    await expect(fetchFrom(`http://${host}/x.tgz`, { signal: controller.signal })).rejects.toThrow("canceled")
    expect(await readdir(path.join(work, "context"))).toEqual([])
  })
})
