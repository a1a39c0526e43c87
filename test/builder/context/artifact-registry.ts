import { createHash } from "node:crypto"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"

export type Layer = { content: Buffer; mediaType?: string; annotations?: Record<string, string>; urls?: string[] }

/** A registry in this process that speaks the distribution protocol for what is put into it. */
export async function startRegistry(options: { login?: string; redirectTo?: () => string; isBasic?: boolean } = {}) {
  const manifests = new Map<string, { type: string; body: Buffer }>()
  const blobs = new Map<string, Buffer>()
  const seen: string[] = []
  let name = ""

  function answer(request: IncomingMessage, response: ServerResponse): void {
    const { method, url = "", headers } = request
    seen.push(`${method} ${url} ${headers.authorization ?? "-"}`)
    if (url.startsWith("/token")) {
      const isKnown = options.login === undefined || headers.authorization === `Basic ${options.login}`
      return void response.writeHead(isKnown ? 200 : 401).end(JSON.stringify({ token: "t" }))
    }
    const wanted = options.isBasic ? `Basic ${options.login}` : "Bearer t"
    if (headers.authorization !== wanted) {
      const bearer = `Bearer realm="http://${name}/token",service="s",scope="repository:a:pull"`
      return void response.writeHead(401, { "www-authenticate": options.isBasic ? 'Basic realm="r"' : bearer }).end()
    }
    const [, kind, reference = ""] = /^\/v2\/a\/(manifests|blobs)\/(.+)$/.exec(url) ?? []
    if (kind === "manifests") {
      const manifest = manifests.get(reference)
      if (manifest === undefined) return void response.writeHead(404).end()
      return void response.writeHead(200, { "content-type": manifest.type }).end(manifest.body)
    }
    const blob = blobs.get(reference)
    if (blob === undefined) return void response.writeHead(404).end()
    if (options.redirectTo === undefined) return void response.writeHead(200).end(blob)
    response.writeHead(307, { location: `${options.redirectTo()}/${reference}` }).end()
  }

  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  name = `127.0.0.1:${(server.address() as AddressInfo).port}`

  function descriptorOf(body: Buffer, mediaType: string) {
    return { mediaType, digest: digestOf(body), size: body.length }
  }

  /** Stores a manifest under its digest and a tag; returns its descriptor. */
  function putManifest(tag: string, value: unknown, type = "application/vnd.oci.image.manifest.v1+json") {
    const body = Buffer.from(JSON.stringify(value))
    manifests.set(digestOf(body), { type, body })
    manifests.set(tag, { type, body })
    return descriptorOf(body, type)
  }

  function putArtifact(tag: string, layers: Layer[]) {
    const descriptors = layers.map(({ content, mediaType = "application/vnd.oci.image.layer.v1.tar", ...rest }) => {
      blobs.set(digestOf(content), content)
      return { ...descriptorOf(content, mediaType), ...rest }
    })
    return putManifest(tag, { schemaVersion: 2, layers: descriptors })
  }

  return {
    name,
    seen,
    blobs,
    manifests,
    putManifest,
    putArtifact,
    close: () => new Promise((resolve) => server.close(resolve)),
  }
}

export function digestOf(body: Buffer): string {
  return `sha256:${createHash("sha256").update(body).digest("hex")}`
}
