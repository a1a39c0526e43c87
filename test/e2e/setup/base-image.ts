import { execFile } from "node:child_process"
import { createHash } from "node:crypto"
import { readFile } from "node:fs/promises"
import { request as httpRequest } from "node:http"
import { request as httpsRequest } from "node:https"
import { promisify } from "node:util"
import { gzipSync } from "node:zlib"
import { tar } from "./contexts.ts"
import type { TestStack } from "./test-stack.ts"

/**
 * Puts a small base image (the system's busybox-static) into a registry by its API alone, no engine involved. Returns its
 * full name and the digest that the registry gave it.
 */
export async function pushBaseImage(
  target: RegistryTarget,
  repository: string,
  tag: string,
): Promise<{ image: string; digest: string }> {
  const busybox = await readFile("/bin/busybox")
  const { stdout } = await promisify(execFile)("/bin/busybox", ["--list"])
  const applets = stdout.split("\n").filter((name) => name !== "" && name !== "busybox")
  const layer = tar([
    { path: "bin/", type: "Directory", mode: 0o755 },
    { path: "tmp/", type: "Directory", mode: 0o1777 },
    { path: "etc/", type: "Directory", mode: 0o755 },
    { path: "etc/passwd", content: "root:x:0:0:root:/:/bin/sh\n" },
    { path: "bin/busybox", content: busybox, mode: 0o755 },
    ...applets.map((name) => ({ path: `bin/${name}`, type: "Link" as const, linkpath: "bin/busybox", mode: 0o755 })),
  ])
  const packed = gzipSync(layer)
  const config = Buffer.from(
    JSON.stringify({
      architecture: "amd64",
      os: "linux",
      config: { Env: ["PATH=/bin"], Cmd: ["/bin/sh"] },
      rootfs: { type: "layers", diff_ids: [digestOf(layer)] },
      history: [{ created: "2026-01-01T00:00:00Z", created_by: "slipway tests" }],
    }),
  )
  await putBlob(target, repository, packed)
  await putBlob(target, repository, config)
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: "application/vnd.docker.distribution.manifest.v2+json",
      config: {
        mediaType: "application/vnd.docker.container.image.v1+json",
        size: config.length,
        digest: digestOf(config),
      },
      layers: [
        {
          mediaType: "application/vnd.docker.image.rootfs.diff.tar.gzip",
          size: packed.length,
          digest: digestOf(packed),
        },
      ],
    }),
  )
  const type = "application/vnd.docker.distribution.manifest.v2+json"
  const answer = await target.call(
    "PUT",
    `/v2/${repository}/manifests/${tag}`,
    manifest,
    { "content-type": type },
    repository,
  )
  if (answer.status !== 201) throw new Error(`the registry answered ${answer.status} to the manifest: ${answer.text}`)
  return { image: `${target.loginServer}/${repository}:${tag}`, digest: digestOf(manifest) }
}

export type RegistryAnswer = { status: number; headers: Record<string, string>; text: string }
export type RegistryTarget = {
  loginServer: string
  call(
    method: string,
    path: string,
    body: Buffer | undefined,
    headers: Record<string, string>,
    repository: string,
  ): Promise<RegistryAnswer>
}

/** The stack's own registry, signed in with its user and password through the token realm, as docker does. */
export async function stackRegistry(stack: TestStack): Promise<RegistryTarget> {
  const ca = await readFile(stack.caFile)
  const { registry, frontPort } = stack.state
  const loginServer = `127.0.0.1:${registry.port}`
  const basic = Buffer.from(`${registry.userName}:${registry.password}`).toString("base64")
  return {
    loginServer,
    async call(method, path, body, headers, repository) {
      const scope = encodeURIComponent(`repository:${repository}:pull,push,delete`)
      const realm = `https://localhost:${frontPort}/oauth2/token?service=${encodeURIComponent(loginServer)}&scope=${scope}`
      const token = await exchange(realm, "GET", { authorization: `Basic ${basic}` }, undefined, ca)
      const bearer = { authorization: `Bearer ${(JSON.parse(token.text) as { access_token: string }).access_token}` }
      return exchange(new URL(path, `https://${loginServer}`).href, method, { ...headers, ...bearer }, body, ca)
    },
  }
}

/** The suite's second registry: no TLS, no authentication. */
export function plainRegistry(stack: TestStack): RegistryTarget {
  const { loginServer } = stack.plain
  return {
    loginServer,
    call: (method, path, body, headers) => exchange(new URL(path, `http://${loginServer}`).href, method, headers, body),
  }
}

const ACCEPT = [
  "application/vnd.docker.distribution.manifest.v2+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.oci.image.index.v1+json",
].join(",")

/** The digest that a registry holds for a tag now; undefined when there is no such tag. */
export async function digestInRegistry(
  target: RegistryTarget,
  repository: string,
  tag: string,
): Promise<string | undefined> {
  const answer = await target.call(
    "HEAD",
    `/v2/${repository}/manifests/${tag}`,
    undefined,
    { accept: ACCEPT },
    repository,
  )
  return answer.status === 200 ? answer.headers["docker-content-digest"] : undefined
}

/** Uploads a blob in one piece (distribution-spec, "POST then PUT"). */
export async function putBlob(target: RegistryTarget, repository: string, content: Buffer): Promise<void> {
  const start = await target.call(
    "POST",
    `/v2/${repository}/blobs/uploads/`,
    undefined,
    { "content-length": "0" },
    repository,
  )
  const location = new URL(start.headers.location ?? "", "http://registry")
  location.searchParams.set("digest", digestOf(content))
  const type = { "content-type": "application/octet-stream" }
  const answer = await target.call("PUT", location.pathname + location.search, content, type, repository)
  if (answer.status !== 201) throw new Error(`the registry answered ${answer.status} to a blob: ${answer.text}`)
}

/** A blob's digest, as registries write it. */
export function digestOf(content: Buffer): string {
  return `sha256:${createHash("sha256").update(content).digest("hex")}`
}

function exchange(
  url: string,
  method: string,
  headers: Record<string, string>,
  body: Buffer | undefined,
  ca?: Buffer,
): Promise<RegistryAnswer> {
  return new Promise((resolve, reject) => {
    const open = url.startsWith("https:") ? httpsRequest : httpRequest
    const outgoing = open(url, { method, headers, ...(ca === undefined ? {} : { ca }) }, (incoming) => {
      const chunks: Buffer[] = []
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk))
      incoming.on("end", () => {
        const text = Buffer.concat(chunks).toString()
        resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers as Record<string, string>, text })
      })
    })
    outgoing.on("error", reject)
    outgoing.end(body)
  })
}
