import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { exportJWK, generateKeyPair, SignJWT } from "jose"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { requireRole } from "../../../shared/auth/principal.ts"
import { createTokenVerifier } from "../../../shared/auth/verify-access-token.ts"

type Claims = Record<string, unknown>
let server: Server
let issuer: string
let sign: (claims?: Claims, options?: { issuer?: string; audience?: string; expiresIn?: string }) => Promise<string>
let forge: () => Promise<string>

beforeAll(async () => {
  const { publicKey, privateKey } = await generateKeyPair("RS256")
  const stranger = await generateKeyPair("RS256")
  const jwk = { ...(await exportJWK(publicKey)), kid: "k1", alg: "RS256", use: "sig" }
  server = createServer((request, response) => {
    response.setHeader("content-type", "application/json")
    const isKeys = request.url?.endsWith("/keys")
    response.end(JSON.stringify(isKeys ? { keys: [jwk] } : { issuer, jwks_uri: `${issuer}/keys` }))
  }).listen(0, "127.0.0.1")
  await new Promise((resolve) => server.once("listening", resolve))
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}/adfs`
  const signWith =
    (key: Parameters<SignJWT["sign"]>[0]) =>
    (claims: Claims = {}, options: { issuer?: string; audience?: string; expiresIn?: string } = {}) =>
      new SignJWT({ sub: "client-1", roles: ["runner"], ...claims })
        .setProtectedHeader({ alg: "RS256", kid: "k1" })
        .setIssuer(options.issuer ?? issuer)
        .setAudience(options.audience ?? "https://slipway.test/")
        .setIssuedAt()
        .setExpirationTime(options.expiresIn ?? "1h")
        .sign(key)
  sign = signWith(privateKey)
  forge = () => signWith(stranger.privateKey)()
})
afterAll(() => server.close())

const verifier = () => createTokenVerifier({ issuer, audiences: ["https://slipway.test"] })

describe("verifyAccessToken", () => {
  it("returns who calls and what it may do", async () => {
    const principal = await verifier()(`Bearer ${await sign({ oid: "object-1", roles: ["runner", "unknown"] })}`)

    expect(principal).toEqual({ id: "object-1", roles: ["runner"] })
  })

  it("takes the audience with or without its final slash", async () => {
    const verify = verifier()

    for (const audience of ["https://slipway.test", "https://slipway.test/"]) {
      await expect(verify(`Bearer ${await sign({}, { audience })}`)).resolves.toMatchObject({ id: "client-1" })
    }
  })

  it.each([
    ["no header", async () => undefined],
    ["another scheme", async () => "Basic abc"],
    ["no token", async () => "Bearer "],
    ["an opaque token", async () => "Bearer abc"],
    ["an expired token", async () => `Bearer ${await sign({}, { expiresIn: "-1h" })}`],
    ["a token of another key", async () => `Bearer ${await forge()}`],
    ["a token for another audience", async () => `Bearer ${await sign({}, { audience: "https://other.test" })}`],
    ["a token of another issuer", async () => `Bearer ${await sign({}, { issuer: "https://other.test" })}`],
    [
      "an unsigned token",
      async () => {
        const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url")
        return `Bearer ${part({ alg: "none" })}.${part({ sub: "x", iss: issuer, aud: "https://slipway.test/", exp: 9e9 })}.x`
      },
    ],
    [
      "a token signed with the public key as a secret",
      async () => {
        const token = await new SignJWT({ sub: "x" })
          .setProtectedHeader({ alg: "HS256", kid: "k1" })
          .setIssuer(issuer)
          .setAudience("https://slipway.test/")
          .setExpirationTime("1h")
          .sign(Buffer.from("k1".padEnd(32, "x")))
        return `Bearer ${token}`
      },
    ],
  ])("refuses %s", async (_, header) => {
    await expect(verifier()(await header())).rejects.toMatchObject({ code: "AuthenticationFailed" })
  })

  it("says that the authority is away, which may be retried, and recovers", async () => {
    const away = createTokenVerifier({ issuer: "http://127.0.0.1:1/adfs", audiences: ["x"] })

    await expect(away(`Bearer ${await sign()}`)).rejects.toMatchObject({
      code: "StorageUnavailable",
      isRetryable: true,
    })
  })
})

describe("verifyAccessToken while the authority is in trouble", () => {
  it("says so when its keys answer 503, instead of blaming the token", async () => {
    const sick = createServer((request, response) => {
      const own = `http://127.0.0.1:${(sick.address() as AddressInfo).port}`
      if (request.url?.endsWith("/keys")) response.writeHead(503).end()
      else response.end(JSON.stringify({ issuer: own, jwks_uri: `${own}/keys` }))
    }).listen(0, "127.0.0.1")
    await new Promise((resolve) => sick.once("listening", resolve))
    const own = `http://127.0.0.1:${(sick.address() as AddressInfo).port}`

    const verify = createTokenVerifier({ issuer: own, audiences: ["https://slipway.test"] })

    await expect(verify(`Bearer ${await sign({}, { issuer: own })}`)).rejects.toMatchObject({
      code: "StorageUnavailable",
      isRetryable: true,
    })
    sick.close()
  })
})

describe("requireRole", () => {
  it("gives each role the rights of those before it", () => {
    const has = (role: "reader" | "runner" | "admin") => ({ id: "x", roles: [role] })

    expect(() => requireRole(has("admin"), "runner")).not.toThrow()
    expect(() => requireRole(has("runner"), "reader")).not.toThrow()
    expect(() => requireRole(has("reader"), "runner")).toThrow(expect.objectContaining({ code: "AuthorizationFailed" }))
    expect(() => requireRole({ id: "x", roles: [] }, "reader")).toThrow(/needs the role 'reader'/)
  })
})
