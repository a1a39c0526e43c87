import { type IncomingMessage, request as requestHttp } from "node:http"
import { request as requestHttps } from "node:https"
import { DOCKER_HUB, type ImageReference } from "../../shared/registry/image-reference.ts"
import { isPrivateHost, isTrustedRealm } from "./token-realm.ts"

/** How to talk to registries: the run's own logins by login server, as `user:password` in base64. */
export type RegistryAccess = {
  authOf(registry: string): string | undefined
  isInsecure(registry: string): boolean
  ca: string | undefined
}
type Answer = { status: number; headers: Record<string, string | string[] | undefined>; body: string }

const MANIFESTS = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
].join(", ")
const TIMEOUT_MS = 5000
const MAX_BODY = 64 * 1024

/**
 * Asks the registry what a tag means now, without pulling (distribution specification: `HEAD …/manifests/<tag>`,
 * `Docker-Content-Digest`). Undefined when the registry does not say.
 */
export async function resolveDigest(image: ImageReference, access: RegistryAccess): Promise<string | undefined> {
  try {
    const host = image.registry === DOCKER_HUB ? "registry-1.docker.io" : image.registry
    const scheme = access.isInsecure(image.registry) ? "http" : "https"
    const url = new URL(`${scheme}://${host}/v2/${image.repository}/manifests/${image.digest ?? image.tag ?? "latest"}`)
    const login = access.authOf(image.registry)
    // Nobody vouches for that address: a Dockerfile's author may have chosen it to reach what only this machine does.
    if (login === undefined && !access.isInsecure(image.registry) && isPrivateHost(url.hostname)) return undefined
    const authorized = async ({ headers }: Answer) => {
      const trusts = (realm: URL) => isTrustedRealm(realm, image.registry, access.isInsecure(image.registry))
      return await ask("HEAD", url, access.ca, await authorize(headers, login, access.ca, trusts))
    }
    const first = await ask("HEAD", url, access.ca)
    const answer = first.status === 401 ? await authorized(first) : first
    const digest = answer.status === 200 ? answer.headers["docker-content-digest"] : undefined
    return typeof digest === "string" && /^sha256:[0-9a-f]{64}$/.test(digest) ? digest : undefined
  } catch {
    return undefined
  }
}

/** Answers a challenge: the login itself, or a token from the realm that the registry names. */
async function authorize(
  headers: Answer["headers"],
  login: string | undefined,
  ca: string | undefined,
  trusts: (realm: URL) => boolean,
): Promise<string | undefined> {
  const challenge = String(headers["www-authenticate"] ?? "")
  if (/^basic\b/i.test(challenge)) return login === undefined ? undefined : `Basic ${login}`
  const fields = new Map([...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = "", value = ""]) => [name, value]))
  const realm = new URL(fields.get("realm") ?? "")
  if (!trusts(realm)) return undefined
  for (const name of ["service", "scope"]) {
    const value = fields.get(name)
    if (value !== undefined) realm.searchParams.set(name, value)
  }
  const { body } = await ask("GET", realm, ca, login === undefined ? undefined : `Basic ${login}`)
  const { token, access_token: accessToken } = JSON.parse(body) as Record<string, unknown>
  return `Bearer ${String(token ?? accessToken)}`
}

function ask(method: string, url: URL, ca: string | undefined, authorization?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = { accept: MANIFESTS, ...(authorization !== undefined && { authorization }) }
    const signal = AbortSignal.timeout(TIMEOUT_MS)
    const onAnswer = (answer: IncomingMessage) => {
      let body = ""
      answer.setEncoding("utf8")
      answer.on("data", (chunk: string) => {
        body += chunk
        if (body.length > MAX_BODY) answer.destroy(new Error("the answer is too long"))
      })
      answer.on("error", reject)
      answer.on("end", () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body }))
    }
    const request =
      url.protocol === "https:"
        ? requestHttps(url, { method, headers, signal, ...(ca !== undefined && { ca }) }, onAnswer)
        : requestHttp(url, { method, headers, signal }, onAnswer)
    request.on("error", reject)
    request.end()
  })
}
