import { createLocalJWKSet, decodeJwt, type JSONWebKeySet, jwtVerify } from "jose"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { ask, PRINCIPALS, post, startTestFront, TENANT } from "../front/front-fixture.ts"

const DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
let front: Awaited<ReturnType<typeof startTestFront>>
let scope: string

beforeAll(async () => {
  front = await startTestFront({ hostPort: 1, blobPort: 1, holdMs: 0 })
  scope = `${front.url}//.default`
})
afterAll(() => front.close())

const token = (form: Record<string, string>) => post(front, "/adfs/oauth2/token", form)
const clientCredentials = (secret: string, more: Record<string, string> = {}) =>
  token({ grant_type: "client_credentials", client_id: "sp", client_secret: secret, scope, client_info: "1", ...more })
const password = (secret: string) =>
  token({
    grant_type: "password",
    client_id: "az",
    username: "ann@example.test",
    password: secret,
    scope: `${scope} offline_access openid profile`,
  })

async function verify(jwt: string, audience: string) {
  const keys = await ask(front, "/adfs/discovery/keys")
  const jwks = createLocalJWKSet(JSON.parse(keys.body.toString()) as JSONWebKeySet)
  return (await jwtVerify(jwt, jwks, { issuer: `${front.url}/adfs`, audience })).payload
}

describe("discovery", () => {
  it.each(["/adfs/.well-known/openid-configuration", `/${TENANT}/v2.0/.well-known/openid-configuration`])(
    "names endpoints below the front at %s",
    async (path) => {
      const reply = await ask(front, path)

      const document = JSON.parse(reply.body.toString()) as Record<string, string>
      expect(reply.status).toBe(200)
      for (const name of ["authorization_endpoint", "token_endpoint", "device_authorization_endpoint", "jwks_uri"]) {
        expect(document[name]).toMatch(new RegExp(`^${front.url}/`))
      }
    },
  )

  it("publishes no private part of the key", async () => {
    const keys = JSON.parse((await ask(front, "/adfs/discovery/keys")).body.toString()) as JSONWebKeySet

    expect(Object.keys(keys.keys[0]!).sort()).toEqual(["alg", "e", "kid", "kty", "n", "use"])
  })
})

describe("client credentials", () => {
  it("gives a token that our keys verify, with the principal's roles", async () => {
    const reply = await clientCredentials("sp-secret")

    const payload = await verify(reply.json.access_token!, `${front.url}/`)
    expect(reply).toMatchObject({ status: 200, json: { token_type: "Bearer", expires_in: 3600 } })
    expect(payload).toMatchObject({ tid: TENANT, appid: "sp", roles: ["admin"], idtyp: "app" })
    expect(payload.sub).toBe(payload.oid)
    expect(payload.exp! - payload.iat!).toBe(3600)
  })

  it.each([
    ["one slash", (url: string) => ({ scope: `${url}/.default` })],
    ["two slashes", (url: string) => ({ scope: `${url}//.default` })],
    ["a resource", (url: string) => ({ scope: "", resource: url })],
  ])("has the same audience when asked with %s", async (_, form) => {
    const reply = await clientCredentials("sp-secret", form(front.url) as Record<string, string>)

    expect(decodeJwt(reply.json.access_token!).aud).toBe(`${front.url}/`)
  })

  it.each([
    ["invalid_target", "https://management.azure.com/.default"],
    ["invalid_target", "https://localhost:1/.default"],
    ["invalid_scope", "user.read"],
    ["invalid_scope", ""],
  ])("answers %s for the scope '%s'", async (error, asked) => {
    const reply = await clientCredentials("sp-secret", { scope: asked })

    expect(reply).toMatchObject({ status: 400, json: { error } })
  })

  it.each([
    ["a wrong secret", { client_secret: "wrong" }],
    ["no secret", { client_secret: "" }],
    ["an unknown client", { client_id: "nobody" }],
    ["a person's name and password", { client_id: "ann@example.test", client_secret: "ann's p&ss=word" }],
  ])("answers 401 invalid_client for %s and names the fix", async (_, form) => {
    const reply = await clientCredentials("sp-secret", form)

    expect(reply).toMatchObject({ status: 401, json: { error: "invalid_client" } })
    expect(reply.json.error_description).toContain("env.sh")
  })

  it("accepts the id and secret in a Basic header", async () => {
    const headers = {
      authorization: `Basic ${Buffer.from("sp:sp-secret").toString("base64")}`,
      "content-type": "application/x-www-form-urlencoded",
    }
    const body = new URLSearchParams({ grant_type: "client_credentials", scope }).toString()

    const reply = await ask(front, "/adfs/oauth2/token", { method: "POST", headers, body })

    expect(reply.status).toBe(200)
  })
})

describe("user name and password", () => {
  it("gives an id token for the client and a refresh token that gives the next ones", async () => {
    const first = await password("ann's p&ss=word")
    const next = await token({
      grant_type: "refresh_token",
      client_id: "az",
      refresh_token: first.json.refresh_token!,
      scope,
    })

    expect(await verify(first.json.id_token!, "az")).toMatchObject({ upn: "ann@example.test", tid: TENANT })
    expect(await verify(next.json.access_token!, `${front.url}/`)).toMatchObject({ roles: ["runner"], idtyp: "user" })
    expect(typeof next.json.refresh_token).toBe("string")
  })

  it("answers 401 invalid_grant for a wrong password", async () => {
    expect(await password("wrong")).toMatchObject({ status: 401, json: { error: "invalid_grant" } })
  })

  it("refuses a refresh token of another client, an access token in its place, and a forged one", async () => {
    const first = await password("ann's p&ss=word")
    const refresh = (clientId: string, refreshToken: string) =>
      token({ grant_type: "refresh_token", client_id: clientId, refresh_token: refreshToken, scope })

    const other = await refresh("other", first.json.refresh_token!)
    const access = await refresh("az", first.json.access_token!)
    const forged = await refresh("az", `${first.json.refresh_token!.slice(0, -8)}AAAAAAAA`)

    for (const reply of [other, access, forged]) {
      expect(reply).toMatchObject({ status: 400, json: { error: "invalid_grant" } })
    }
  })
})

describe("device code", () => {
  const start = () => post(front, "/adfs/oauth2/devicecode", { client_id: "az", scope: `${scope} openid profile` })
  const poll = (code: string, clientId = "az") =>
    token({ grant_type: DEVICE_GRANT, client_id: clientId, device_code: code })
  const enter = (code: string, secret: string) =>
    ask(front, "/adfs/device", {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams({ user_code: code, username: "ann@example.test", password: secret }).toString(),
    })

  it("waits until the person has entered the code and signed in, then works once", async () => {
    const started = await start()
    const before = await poll(started.json.device_code!)
    const typed = started.json.user_code!.toLowerCase().replace("-", " ")

    const page = await enter(typed, "ann's p&ss=word")
    const after = await poll(started.json.device_code!)
    const again = await poll(started.json.device_code!)

    expect(before).toMatchObject({ status: 400, json: { error: "authorization_pending" } })
    expect(page.body.toString()).toContain("Signed in")
    expect(await verify(after.json.access_token!, `${front.url}/`)).toMatchObject({ upn: "ann@example.test" })
    expect(again).toMatchObject({ status: 400, json: { error: "invalid_grant" } })
  })

  it("answers slow_down when asked again at once", async () => {
    const { json } = await start()

    await poll(json.device_code!)
    const second = await poll(json.device_code!)

    expect(second).toMatchObject({ status: 400, json: { error: "slow_down" } })
  })

  it("does not approve with a wrong password or code, nor give the token to another client", async () => {
    const { json } = await start()

    const wrongPassword = await enter(json.user_code!, "wrong")
    const wrongCode = await enter("BBBB-BBBB", "ann's p&ss=word")
    const otherClient = await poll(json.device_code!, "other")

    expect([wrongPassword.status, wrongCode.status]).toEqual([401, 400])
    expect(otherClient.json.error).toBe("invalid_grant")
    expect((await poll(json.device_code!)).json.error).toBe("authorization_pending")
  })

  it("shows a page without script that takes its code from the link, escaped", async () => {
    const reply = await ask(front, `/adfs/device?user_code=${encodeURIComponent('"><script>x</script>')}`)

    expect(reply.body.toString()).not.toContain("<script>")
    expect(reply.headers["content-security-policy"]).toContain("default-src 'none'")
  })
})

describe("limits", () => {
  it("refuses even the right secret for a while after ten wrong ones, and only for that name", async () => {
    const guess = (secret: string) =>
      token({ grant_type: "client_credentials", client_id: "reader", client_secret: secret, scope })
    for (let count = 0; count < 10; count++) await guess("wrong")

    const right = await guess(PRINCIPALS[1]!.secret)

    expect(right).toMatchObject({ status: 429, json: { error: "temporarily_unavailable" } })
    expect(Number(right.headers["retry-after"])).toBeGreaterThan(0)
    expect((await clientCredentials("sp-secret")).status).toBe(200)
  })

  it("refuses forms of more than 64 KB, other methods and other pages", async () => {
    const large = await ask(front, "/adfs/oauth2/token", { method: "POST", body: "x".repeat(70_000) })
    const get = await ask(front, "/adfs/oauth2/token")
    const unknown = await ask(front, "/adfs/nothing")

    expect([large.status, get.status, unknown.status]).toEqual([413, 405, 404])
  })
})
