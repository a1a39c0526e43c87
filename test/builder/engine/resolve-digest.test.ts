import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { afterEach, expect, test } from "vitest"
import { resolveDigest } from "../../../builder/engine/resolve-digest.ts"

const digest = `sha256:${"a".repeat(64)}`
const login = Buffer.from("user:password").toString("base64")
let server: Server | undefined
const seen: string[] = []

afterEach(async () => {
  seen.length = 0
  await new Promise((resolve) => server?.close(resolve))
})

async function registry(answer: (request: IncomingMessage, response: ServerResponse, origin: string) => void) {
  let name = ""
  const listening = createServer((request, response) => {
    seen.push(`${request.method} ${request.url} ${request.headers.authorization ?? "-"}`)
    answer(request, response, `http://${name}`)
  })
  server = listening
  await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve))
  name = `127.0.0.1:${(listening.address() as AddressInfo).port}`
  return (auth?: string) =>
    resolveDigest(
      { registry: name, repository: "a/b", tag: "1" },
      {
        authOf: (asked) => (asked === name ? auth : undefined),
        isInsecure: () => true,
        isOwn: () => false,
        ca: undefined,
      },
    )
}

test("the digest that the registry names", async () => {
  const resolve = await registry((_, response) => response.setHeader("docker-content-digest", digest).end())

  expect(await resolve(login)).toBe(digest)
  expect(seen).toEqual(["HEAD /v2/a/b/manifests/1 -"])
})

test("with the run's login where a password is asked for", async () => {
  const resolve = await registry((request, response) => {
    if (request.headers.authorization === `Basic ${login}`) response.setHeader("docker-content-digest", digest).end()
    else response.writeHead(401, { "www-authenticate": 'Basic realm="r"' }).end()
  })

  expect(await resolve(login)).toBe(digest)
  expect(await resolve()).toBeUndefined()
})

test("with a token from the realm that the registry names", async () => {
  const resolve = await registry((request, response, origin) => {
    if (request.url?.startsWith("/token")) response.end(JSON.stringify({ access_token: "t" }))
    else if (request.headers.authorization === "Bearer t") response.setHeader("docker-content-digest", digest).end()
    else {
      const challenge = `Bearer realm="${origin}/token",service="s",scope="repository:a/b:pull"`
      response.writeHead(401, { "www-authenticate": challenge }).end()
    }
  })

  expect(await resolve(login)).toBe(digest)
  expect(seen[1]).toBe(`GET /token?service=s&scope=repository%3Aa%2Fb%3Apull Basic ${login}`)
})

test("the login goes to no other host, whatever the registry says", async () => {
  const resolve = await registry((_, response, origin) => {
    // The same server by an address that is not the registry's.
    const realm = `${origin.replace("127.0.0.1", "[::ffff:127.0.0.1]")}/token`
    response.writeHead(401, { "www-authenticate": `Bearer realm="${realm}"` }).end()
  })

  expect(await resolve(login)).toBeUndefined()
  expect(seen.filter((line) => line.includes("/token"))).toEqual([])
})

test.each([
  ["an answer without a digest", (_: IncomingMessage, response: ServerResponse) => void response.end()],
  ["no such tag", (_: IncomingMessage, response: ServerResponse) => void response.writeHead(404).end()],
  [
    "a digest that is none",
    (_: IncomingMessage, response: ServerResponse) => void response.setHeader("docker-content-digest", "x").end(),
  ],
  ["a challenge that is none", (_: IncomingMessage, response: ServerResponse) => void response.writeHead(401).end()],
  ["a connection that is cut", (request: IncomingMessage) => void request.socket.destroy()],
])("%s: unknown, not an error", async (_, answer) => {
  const resolve = await registry(answer)

  expect(await resolve(login)).toBeUndefined()
})
