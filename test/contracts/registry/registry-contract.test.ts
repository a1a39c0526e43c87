import { type ChildProcess, spawn } from "node:child_process"
import { createHash } from "node:crypto"
import { EventEmitter, once } from "node:events"
import { mkdtemp, readFile, rm, stat } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { startFront } from "../../../local/front/start-front.ts"
import { loginServerOf, registrySocketPath } from "../../../local/registry/registry-config.ts"
import { createRegistryPart } from "../../../local/registry/registry-part.ts"
import type { StackState } from "../../../local/stack-state.ts"
import { ensureCertificates } from "../../../local/tls/ensure-certificates.ts"
import { ask, freePort, PRINCIPALS, post, serve, TENANT } from "../../local/front/front-fixture.ts"

type Event = { action: string; target: { repository: string; tag?: string; digest: string; mediaType: string } }
type Notice = { authorization: string | undefined; events: Event[] }

const MANIFEST = "application/vnd.oci.image.manifest.v1+json"
const received = new EventEmitter()
const notices: Notice[] = []
let folder: string
let ca: Buffer
let child: ChildProcess
let host: Awaited<ReturnType<typeof serve>>
let front: Awaited<ReturnType<typeof startFront>>
let stack: StackState
let part: Awaited<ReturnType<typeof createRegistryPart>>

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "slipway-registry-"))
  const files = await ensureCertificates(path.join(folder, "ca"), ["localhost", "127.0.0.1", "::1"])
  ca = await readFile(files.caFile)
  host = await serve((request, response) => {
    const chunks: Buffer[] = []
    request.on("data", (chunk: Buffer) => chunks.push(chunk))
    request.on("end", () => {
      const { events } = JSON.parse(Buffer.concat(chunks).toString()) as { events: Event[] }
      notices.push({ authorization: request.headers.authorization, events })
      response.end()
      received.emit("notice")
    })
  })
  const port = await freePort()
  front = await startFront({
    host: "127.0.0.1",
    port: 0,
    hostPort: host.port,
    blobPort: 1,
    upstreamHost: "127.0.0.1",
    registry: { port, socketPath: registrySocketPath(folder) },
    storageAccount: "a.blob.b",
    certFile: files.certFile,
    keyFile: files.keyFile,
    holdMs: 0,
    signIn: {
      folder: path.join(folder, "sign-in"),
      tenantId: TENANT,
      principals: PRINCIPALS,
      registry: { loginServer: `127.0.0.1:${port}`, userName: "registry", password: "registry-password" },
      devicePollSeconds: 2,
      accessTokenSeconds: 3600,
    },
  })
  stack = {
    v: 1,
    dataFolder: folder,
    host: "127.0.0.1",
    frontPort: front.port,
    hostPort: host.port,
    blobPort: 1,
    tablePort: 1,
    serviceBusPort: 1,
    registry: { name: "slipway", port, userName: "registry", password: "registry-password" },
    storageAccount: { name: "a.blob.b", key: "" },
    serviceBusKey: { name: "", key: "" },
    secretKey: "",
    tenantId: TENANT,
    subscriptionId: TENANT,
    resourceGroup: "slipway",
    principals: PRINCIPALS,
    registryEventsToken: "events-token-0123456789",
  }
  part = await createRegistryPart(stack)
  child = spawn(part.command, part.args, { env: part.env, stdio: "ignore" })
  while (!(await part.isHealthy())) await new Promise((resolve) => setTimeout(resolve, 20))
})
afterAll(async () => {
  const exited = once(child, "exit")
  child.kill("SIGKILL")
  await exited
  await front.close()
  await host.close()
  await rm(folder, { recursive: true, force: true })
})

const registry = () => ({ port: stack.registry.port, ca })

async function tokenFor(id: string, secret: string, scope: string): Promise<string> {
  const form = { grant_type: "password", service: loginServerOf(stack), username: id, password: secret, scope }
  return (await post({ port: front.port, ca }, "/oauth2/token", form)).json.access_token!
}

async function push(repository: string, tag: string, token: string): Promise<{ status: number; digest: string }> {
  const headers = { authorization: `Bearer ${token}` }
  const config = Buffer.from(
    JSON.stringify({ architecture: "amd64", os: "linux", rootfs: { type: "layers", diff_ids: [] } }),
  )
  const digest = `sha256:${createHash("sha256").update(config).digest("hex")}`
  const started = await ask(registry(), `/v2/${repository}/blobs/uploads/`, { method: "POST", headers })
  if (started.status !== 202) return { status: started.status, digest: "" }
  const location = new URL(started.headers.location!, "https://localhost")
  location.searchParams.set("digest", digest)
  const type = { "content-type": "application/octet-stream", "content-length": config.length }
  const put = await ask(registry(), location.pathname + location.search, {
    method: "PUT",
    headers: { ...headers, ...type },
    body: config,
  })
  expect(put.status).toBe(201)
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: MANIFEST,
    config: { mediaType: "application/vnd.oci.image.config.v1+json", digest, size: config.length },
    layers: [],
  })
  const reply = await ask(registry(), `/v2/${repository}/manifests/${tag}`, {
    method: "PUT",
    headers: { ...headers, "content-type": MANIFEST, "content-length": manifest.length },
    body: manifest,
  })
  return { status: reply.status, digest: String(reply.headers["docker-content-digest"]) }
}

describe("registry", () => {
  it("challenges whoever has no token, naming the front and itself", async () => {
    const reply = await ask(registry(), "/v2/")

    expect(reply.status).toBe(401)
    expect(reply.headers["www-authenticate"]).toBe(
      `Bearer realm="http://localhost:${front.port}/oauth2/token",service="${loginServerOf(stack)}"`,
    )
  })

  it("lets a runner push and tells the host of the tag, with the shared secret, and of nothing else", async () => {
    const token = await tokenFor("ann@example.test", "ann's p&ss=word", "repository:team/hello:pull,push")
    const notified = once(received, "notice")

    const pushed = await push("team/hello", "v1", token)
    await notified
    await ask(registry(), "/v2/team/hello/manifests/v1", {
      headers: { authorization: `Bearer ${token}`, accept: MANIFEST },
    })
    const second = once(received, "notice")
    await push("team/hello", "v2", token)
    await second

    expect(pushed.status).toBe(201)
    expect(notices.map(({ authorization }) => authorization)).toEqual(
      notices.map(() => "Bearer events-token-0123456789"),
    )
    const events = notices
      .flatMap((notice) => notice.events)
      .map(({ action, target }) => [action, target.repository, target.tag])
    expect(events).toEqual([
      ["push", "team/hello", "v1"],
      ["push", "team/hello", "v2"],
    ])
    expect(notices[0]!.events[0]!.target).toMatchObject({ digest: pushed.digest, mediaType: MANIFEST })
  })

  it("lets a reader pull and not push, and an administrator delete and list", async () => {
    const admin = await tokenFor("sp", "sp-secret", "repository:team/x:* registry:catalog:*")
    const reader = await tokenFor("reader", "reader-secret", "repository:team/x:pull,push,delete")
    const { digest } = await push("team/x", "v1", admin)
    const as = (token: string) => ({ authorization: `Bearer ${token}`, accept: MANIFEST })

    const pulled = await ask(registry(), "/v2/team/x/manifests/v1", { headers: as(reader) })
    const refused = await push("team/x", "v2", reader)
    const kept = await ask(registry(), `/v2/team/x/manifests/${digest}`, { method: "DELETE", headers: as(reader) })
    const catalog = await ask(registry(), "/v2/_catalog", { headers: as(admin) })
    const deleted = await ask(registry(), `/v2/team/x/manifests/${digest}`, { method: "DELETE", headers: as(admin) })

    expect([pulled.status, refused.status, kept.status, deleted.status]).toEqual([200, 401, 401, 202])
    expect(JSON.parse(catalog.body.toString())).toMatchObject({
      repositories: expect.arrayContaining(["team/x"]) as unknown,
    })
  })

  it("takes no token of another repository, of the sign-in, or an altered one", async () => {
    const other = await tokenFor("sp", "sp-secret", "repository:team/other:pull")
    const form = { grant_type: "client_credentials", client_id: "sp", client_secret: "sp-secret" }
    const scope = `https://localhost:${front.port}/.default`
    const arm = await post({ port: front.port, ca }, "/adfs/oauth2/token", { ...form, scope })
    const bad = [other, arm.json.access_token!, `${other.slice(0, -8)}AAAAAAAA`]

    for (const token of bad) {
      const headers = { authorization: `Bearer ${token}` }
      expect((await ask(registry(), "/v2/team/hello/tags/list", { headers })).status).toBe(401)
    }
  })

  it("tells the digest of a tag and the tags of a repository in ACR's words, page by page", async () => {
    const token = await tokenFor("sp", "sp-secret", "repository:team/tags:push,metadata_read")
    const { digest } = await push("team/tags", "v1", token)
    await push("team/tags", "v2", token)
    const headers = { authorization: `Bearer ${token}` }
    const get = async (target: string) => {
      const reply = await ask(registry(), target, { headers })
      return { ...reply, json: JSON.parse(reply.body.toString()) as Record<string, unknown> }
    }

    const tag = await get("/acr/v1/team/tags/_tags/v1")
    const first = await get("/acr/v1/team/tags/_tags?n=1")
    const second = await get(/<(.+)>/.exec(String(first.headers.link))![1]!)

    expect(tag.json).toMatchObject({ imageName: "team/tags", tag: { name: "v1", digest } })
    expect([first.json.tags, second.json.tags]).toMatchObject([[{ name: "v1", digest }], [{ name: "v2", digest }]])
    expect(second.headers.link).toBeUndefined()
    expect((await get("/acr/v1/team/tags/_tags/none")).status).toBe(404)
    expect((await get("/acr/v1/team/hello/_tags/v1")).status).toBe(401)
    expect((await ask(registry(), "/acr/v1/team/tags/_tags/v1")).headers["www-authenticate"]).toContain("Bearer realm=")
  })

  it("speaks plain HTTP with this machine too, and challenges there as well", async () => {
    const reply = await fetch(`http://127.0.0.1:${stack.registry.port}/v2/`)

    expect(reply.status).toBe(401)
    expect(reply.headers.get("www-authenticate")).toContain("Bearer realm=")
  })

  it("keeps its configuration, which holds secrets, to its user", async () => {
    const mode = (await stat(part.args[1]!)).mode & 0o777

    expect(mode).toBe(0o600)
    expect(JSON.stringify(part.args)).not.toContain("events-token")
  })
})
