import { mkdir, mkdtemp, rm } from "node:fs/promises"
import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import path from "node:path"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { fetchSource } from "../../../builder/context/fetch-source.ts"
import { isHostAllowed } from "../../../builder/context/guarded-connect.ts"
import { fetchDepsOf } from "../../../builder/run/fetch-deps-of.ts"
import type { ReadySpec } from "../../../shared/builders/run-spec.ts"

const spec: ReadySpec = {
  v: 2,
  kind: "build",
  runId: "ca1",
  registryName: "registry",
  loginServer: "own.corp",
  createdAt: "2026-01-01T00:00:00Z",
  platform: { os: "linux", architecture: "amd64" },
  timeoutSeconds: 60,
  source: { type: "none" },
  ssh: { problem: "there is no SSH key" },
  allowedHosts: [],
  contextLimits: { maxBytes: 1_000_000, maxEntries: 100, maxRatio: 100 },
  work: { type: "task", file: { text: "steps: []" }, values: [] },
  steps: { rights: [], maxProcesses: 64 },
  logins: [],
  insecureRegistries: [],
  isCacheEnabled: false,
  log: { url: "http://log.test/", maxBytes: 10_000 },
  heartbeatSeconds: 1,
}

let workFolder: string

beforeEach(async () => {
  workFolder = await mkdtemp(path.join(tmpdir(), "fetch-deps-of-"))
})

afterEach(() => rm(workFolder, { recursive: true, force: true }))

const depsOf = (changes: Partial<ReadySpec>) =>
  fetchDepsOf(
    { ...spec, ...changes },
    {
      workFolder,
      caFile: undefined,
      backOff: { firstDelayMs: 1, maxDelayMs: 1 },
      say: () => {},
      signal: new AbortController().signal,
    },
  )
const isOpen = (host: string, port: number, changes: Partial<ReadySpec>) =>
  isHostAllowed(host, port, depsOf(changes).rules)
const login = (loginServer: string) => ({ loginServer, userName: "me", password: "pw" })

describe("what a run may reach although it is private", () => {
  test.each<[string, number, Partial<ReadySpec>, boolean]>([
    ["own.corp", 443, {}, true],
    ["own.corp", 80, {}, false],
    ["own.corp", 8443, {}, false],
    ["OWN.corp", 443, { loginServer: "Own.Corp" }, true],
    ["own.corp", 5000, { loginServer: "own.corp:5000" }, true],
    ["own.corp", 443, { loginServer: "own.corp:5000" }, false],
    ["own.corp", 443, { loginServer: "own.corp:443" }, true],
    ["[::1]", 5000, { loginServer: "[::1]:5000" }, true],
    ["[::1]", 5001, { loginServer: "[::1]:5000" }, false],
    ["own.corp", 80, { insecureRegistries: ["own.corp"] }, true],
    ["own.corp", 443, { insecureRegistries: ["own.corp"] }, false],
    ["plain.corp", 5000, { insecureRegistries: ["plain.corp:5000"] }, true],
    ["plain.corp", 80, { insecureRegistries: ["plain.corp"] }, true],
    ["plain.corp", 22, { insecureRegistries: ["plain.corp"] }, false],
    ["git.corp", 8443, { allowedHosts: ["git.corp"] }, true],
    ["git.corp", 8443, { allowedHosts: ["git.corp:8443"] }, true],
    ["git.corp", 443, { allowedHosts: ["git.corp:8443"] }, false],
    ["10.0.0.1", 80, { allowedHosts: ["*"] }, false],
    ["10.0.0.1", 80, { loginServer: "*" }, false],
    ["127.0.0.1", 80, { logins: [login("127.0.0.1")] }, false],
    ["127.0.0.1", 443, { logins: [login("127.0.0.1")] }, false],
    ["127.0.0.1", 5000, { logins: [login("127.0.0.1:5000")] }, false],
    ["10.0.0.1", 80, { logins: [login("*")] }, false],
  ])("%s:%i with %j: %s", (host, port, changes, isAllowed) => {
    expect(isOpen(host, port, changes)).toBe(isAllowed)
  })

  test("a login of the request is for its registry, and opens no address", async () => {
    const deps = depsOf({ logins: [login("127.0.0.1:5000")] })

    expect(deps.authOf("127.0.0.1:5000")).toBe(Buffer.from("me:pw").toString("base64"))
    expect(deps.authOf("127.0.0.1")).toBeUndefined()
  })
})

describe("a source at an address that the request brought a login for", () => {
  let server: Server
  let asked: number

  beforeEach(async () => {
    asked = 0
    server = createServer((_, response) => {
      asked += 1
      response.end("internal")
    })
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
    await mkdir(path.join(workFolder, "context"))
  })

  afterEach(() => new Promise((resolve) => server.close(resolve)))

  test.each(["127.0.0.1", "*", "host:port"])("%s is not asked for anything", async (name) => {
    const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
    const deps = depsOf({ logins: [login(name === "host:port" ? host : name)] })
    const folder = path.join(workFolder, "context")

    const archive = fetchSource({ type: "archive", url: `http://${host}/a.tar` }, {}, folder, deps)
    await expect(archive).rejects.toThrow(/private address/)
    const repository = fetchSource({ type: "git", url: `http://${host}/a.git`, ref: "", folder: "" }, {}, folder, deps)
    await expect(repository).rejects.toThrow(/uses http:\/\//)
    const artifact = fetchSource(
      { type: "artifact", image: { registry: host, repository: "a", tag: "1" } },
      {},
      folder,
      deps,
    )
    await expect(artifact).rejects.toThrow(/private address/)
    expect(asked).toBe(0)
  })
})
