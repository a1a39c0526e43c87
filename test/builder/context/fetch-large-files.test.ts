import { createHash } from "node:crypto"
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs"
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises"
import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import path from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import { fetchLargeFiles } from "../../../builder/context/fetch-large-files.ts"
import type { RemoteGit } from "../../../builder/context/git-connection.ts"
import { readBody } from "../../../builder/context/guarded-request.ts"
import { fetchDeps } from "./fetch-deps.ts"

const content = "a large file"
const oid = createHash("sha256").update(content).digest("hex")
const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize ${content.length}\n`

let base: string
let folder: string
let server: Server
let asked: string[]

beforeEach(async () => {
  base = await mkdtemp(path.join(tmpdir(), "large-files-"))
  folder = path.join(base, "source")
  asked = []
  mkdirSync(path.join(folder, ".git"), { recursive: true })
  server = createServer(async (request, response) => {
    asked.push(request.url ?? "")
    if (request.method !== "POST") return void response.end(content)
    const { objects } = JSON.parse((await readBody(request, 10_000)).toString()) as { objects: { oid: string }[] }
    const download = { href: `http://${request.headers.host}/store/${oid}` }
    response.end(JSON.stringify({ objects: objects.map((one) => ({ ...one, actions: { download } })) }))
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
})

afterEach(async () => {
  await new Promise((resolve) => server.close(resolve))
  await rm(base, { recursive: true, force: true })
})

function fetchInto(...paths: string[]): Promise<number> {
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  const git: RemoteGit = { run: async () => ({ exitCode: 0, stdout: paths.join("\0"), stderr: "" }) }
  const repository = { url: `http://${host}/a.git`, login: undefined, folder, bytes: 0 }
  return fetchLargeFiles(repository, git, fetchDeps(base, { rules: { allowedHosts: [host] } }))
}

test("files of the same content, which arrive together, each get it", async () => {
  const names = ["a", "b", "c", "d"]
  for (const name of names) writeFileSync(path.join(folder, name), pointer)

  await fetchInto(...names)

  for (const name of names) expect(await readFile(path.join(folder, name), "utf8")).toBe(content)
  expect(await readdir(path.join(folder, ".git"))).toEqual([])
})

test("a file behind a link is neither read nor written", async () => {
  const outside = path.join(base, "outside")
  mkdirSync(outside)
  writeFileSync(path.join(outside, "x"), pointer)
  symlinkSync(outside, path.join(folder, "d"))

  await expect(fetchInto("d/x")).rejects.toThrow(/"d\/x", which would be written through the link "d"/)
  expect(await readFile(path.join(outside, "x"), "utf8")).toBe(pointer)
  expect(asked).toEqual([])
})

test("a link in the place of a large file stays", async () => {
  writeFileSync(path.join(base, "x"), pointer)
  symlinkSync("../x", path.join(folder, "x"))

  expect(await fetchInto("x")).toBe(0)
  expect(await readFile(path.join(base, "x"), "utf8")).toBe(pointer)
})
