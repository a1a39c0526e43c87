import type { IncomingMessage } from "node:http"
import { z } from "zod"
import { DOCKER_HUB } from "../../shared/registry/image-reference.ts"
import { isHostAllowed, type NetworkRules } from "../context/guarded-connect.ts"
import { guardedGet, readBody } from "../context/guarded-request.ts"
import { isTrustedRealm } from "../engine/token-realm.ts"

/** Manifests and indexes, OCI's and Docker's. */
export const MANIFEST_TYPES = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
].join(", ")

const MAX_TOKEN_BYTES = 64 * 1024
const Token = z.object({ token: z.string().optional(), access_token: z.string().optional() })

export type ClientOptions = {
  /** `user:password` in base64; undefined: anonymous. */
  login: string | undefined
  /** Plain HTTP. */
  isInsecure: boolean
  rules: NetworkRules
  ca?: string | undefined
  signal?: AbortSignal | undefined
  stallMs?: number
}

/** Reads one repository of a registry (OCI distribution specification), answering its challenges. */
export type RegistryClient = {
  /** `path` is below the repository: `manifests/<tag>`, `blobs/<digest>`. The login and its tokens go to no other host. */
  request(method: "GET" | "HEAD", path: string, accept: string): Promise<IncomingMessage>
}

/** `registry` and `repository` as in an image's name. Errors of its function: ContextError for a host that runs must not reach; the connection's. */
export function createRegistryClient(registry: string, repository: string, options: ClientOptions): RegistryClient {
  const host = registry === DOCKER_HUB ? "registry-1.docker.io" : registry
  const base = new URL(`${options.isInsecure ? "http" : "https"}://${host}/v2/${repository}/`)
  const { login, ca, signal, stallMs } = options
  const settings = { ca, signal, ...(stallMs !== undefined && { stallMs }) }
  let authorization: string | undefined

  async function send(method: "GET" | "HEAD", path: string, accept: string): Promise<IncomingMessage> {
    const headersFor = (url: URL) => ({
      accept,
      ...(authorization !== undefined && url.origin === base.origin && { authorization }),
    })
    return (await guardedGet(new URL(path, base), { ...settings, method, rules: options.rules, headersFor })).answer
  }

  /** Answers a challenge: the login itself, or a token from the realm that the registry names, if that is to be trusted. */
  async function authorize(headers: IncomingMessage["headers"]): Promise<string | undefined> {
    const challenge = headers["www-authenticate"] ?? ""
    if (/^basic\b/i.test(challenge)) return login === undefined ? undefined : `Basic ${login}`
    const fields = new Map(
      [...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = "", value = ""]) => [name, value]),
    )
    const realm = URL.parse(fields.get("realm") ?? "")
    if (realm === null || !isTrustedRealm(realm, registry, options.isInsecure)) return undefined
    for (const name of ["service", "scope"]) {
      const value = fields.get(name)
      if (value !== undefined) realm.searchParams.set(name, value)
    }
    const headersFor = (url: URL): Record<string, string> =>
      login !== undefined && url.origin === realm.origin ? { authorization: `Basic ${login}` } : {}
    const { answer } = await guardedGet(realm, { ...settings, rules: realmRules(realm), headersFor })
    const body = await readBody(answer, MAX_TOKEN_BYTES)
    if (answer.statusCode !== 200) return undefined
    const { token, access_token: accessToken } = Token.parse(JSON.parse(body.toString("utf8")))
    return `Bearer ${token ?? accessToken}`
  }

  /** Who opened the registry opened the realm that is trusted for it: the same host, or another port of this machine. */
  function realmRules(realm: URL): NetworkRules {
    const port = Number(base.port || (base.protocol === "https:" ? 443 : 80))
    if (!isHostAllowed(base.hostname, port, options.rules)) return options.rules
    return { ...options.rules, allowedHosts: [...options.rules.allowedHosts, realm.hostname] }
  }

  return {
    async request(method, path, accept) {
      const first = await send(method, path, accept)
      if (first.statusCode !== 401) return first
      // A token of an earlier request may have run out.
      authorization = await authorize(first.headers)
      if (authorization === undefined) return first
      first.destroy()
      return await send(method, path, accept)
    },
  }
}
