import { createPublicKey } from "node:crypto"
import { readFile } from "node:fs/promises"
import path from "node:path"
import { decodeJwt, decodeProtectedHeader, jwtVerify } from "jose"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { grantAccess } from "../../../local/sign-in/registry-scope.ts"
import { ask, LOGIN_SERVER, post, startTestFront } from "../front/front-fixture.ts"

const TOKEN_USER = "00000000-0000-0000-0000-000000000000"
let front: Awaited<ReturnType<typeof startTestFront>>

beforeAll(async () => {
  front = await startTestFront({ hostPort: 1, blobPort: 1, holdMs: 0 })
})
afterAll(() => front.close())

async function armToken(id: string, secret: string): Promise<string> {
  const form = {
    grant_type: "client_credentials",
    client_id: id,
    client_secret: secret,
    scope: `${front.url}/.default`,
  }
  return (await post(front, "/adfs/oauth2/token", form)).json.access_token!
}
const exchange = (accessToken: string, service = LOGIN_SERVER) =>
  post(front, "/oauth2/exchange", { grant_type: "access_token", service, tenant: "t", access_token: accessToken })
const basic = (user: string, password: string) => ({
  authorization: `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`,
})

async function get(scope: string, headers: Record<string, string> = {}) {
  const query = new URLSearchParams({ service: LOGIN_SERVER, scope })
  const reply = await ask(front, `/oauth2/token?${query}`, { headers })
  return { ...reply, json: JSON.parse(reply.body.toString()) as Record<string, string> }
}

describe("az acr login", () => {
  it("exchanges a service token for a refresh token that docker then uses as a password", async () => {
    const { json } = await exchange(await armToken("sp", "sp-secret"))

    const reply = await get("repository:library/hello:pull,push", basic(TOKEN_USER, json.refresh_token!))

    expect(decodeJwt(reply.json.token!)).toMatchObject({
      iss: `${front.url}/oauth2`,
      aud: LOGIN_SERVER,
      access: [{ type: "repository", name: "library/hello", actions: ["pull", "push"] }],
    })
    expect(reply.json.token).toBe(reply.json.access_token)
  })

  it("refuses a token that is none, that is altered, that is for a client, or a refresh token", async () => {
    const good = await armToken("sp", "sp-secret")
    const form = { grant_type: "password", client_id: "az", username: "ann@example.test", password: "ann's p&ss=word" }
    const ann = await post(front, "/adfs/oauth2/token", { ...form, scope: `${front.url}/.default` })

    for (const token of ["", "x", `${good.slice(0, -6)}AAAAAA`, ann.json.id_token!, ann.json.refresh_token!]) {
      expect((await exchange(token)).status).toBe(401)
    }
    expect((await exchange(good, "evil.test")).status).toBe(400)
  })

  it("does not take a service token for a registry sign-in", async () => {
    const token = await armToken("sp", "sp-secret")

    expect((await get("repository:a:pull", basic(TOKEN_USER, token))).status).toBe(401)
  })
})

describe("registry tokens", () => {
  it("are signed with the key of the certificate that the registry trusts, which their header carries", async () => {
    const reply = await get("repository:a:pull", basic("registry", "registry-password"))

    const pem = await readFile(path.join(front.folder, "sign-in", "registry-tokens.pem"), "utf8")
    await expect(jwtVerify(reply.json.token!, createPublicKey(pem))).resolves.toBeDefined()
    expect(decodeProtectedHeader(reply.json.token!).x5c).toEqual([pem.replace(/-----[A-Z ]+-----|\s/g, "")])
  })

  it("are given for every way of asking that docker, BuildKit and az have", async () => {
    const { json } = await exchange(await armToken("sp", "sp-secret"))
    const ask = { service: LOGIN_SERVER, scope: "repository:a:pull" }
    const refresh = json.refresh_token!

    const replies = [
      await get("repository:a:pull", basic("sp", "sp-secret")),
      await post(front, "/oauth2/token", { ...ask, grant_type: "refresh_token", refresh_token: refresh }),
      await post(front, "/oauth2/token", { ...ask, grant_type: "password", username: TOKEN_USER, password: refresh }),
      await post(front, "/oauth2/token", {
        ...ask,
        grant_type: "password",
        username: "registry",
        password: "registry-password",
      }),
    ]

    for (const reply of replies) {
      expect(decodeJwt(reply.json.access_token!).access).toEqual([{ type: "repository", name: "a", actions: ["pull"] }])
    }
  })

  it("are refused without credentials, with wrong ones and for another service", async () => {
    const query = new URLSearchParams({ service: "evil.test", scope: "repository:a:pull" })

    expect((await get("repository:a:pull")).status).toBe(401)
    expect((await get("repository:a:pull", basic("registry", "wrong"))).status).toBe(401)
    expect((await get("repository:a:pull", basic(TOKEN_USER, "wrong"))).status).toBe(401)
    expect((await ask(front, `/oauth2/token?${query}`, { headers: basic("sp", "sp-secret") })).status).toBe(400)
  })

  it("grant a reader nothing but pull", async () => {
    const { json } = await exchange(await armToken("reader", "reader-secret"))

    const reply = await get("repository:a:pull,push,delete", basic(TOKEN_USER, json.refresh_token!))

    expect(decodeJwt(reply.json.token!).access).toEqual([{ type: "repository", name: "a", actions: ["pull"] }])
  })
})

describe("grantAccess", () => {
  it.each([
    ["reader", "repository:a/b:pull,push", ["pull"]],
    ["runner", "repository:a/b:pull,push,delete", ["pull", "push"]],
    ["admin", "repository:a/b:*", ["pull", "push", "delete"]],
    ["admin", "repository:a/b:metadata_read", ["pull"]],
    ["admin", "registry:catalog:*", ["*"]],
    ["reader", "registry:catalog:*", undefined],
    ["reader", "repository:a:push", undefined],
    ["admin", "repository:../x:pull", undefined],
    ["admin", "repository:A:pull", undefined],
    ["admin", "nonsense", undefined],
  ] as const)("gives a %s for %s the actions %s", (role, scope, actions) => {
    expect(grantAccess([scope], [role])[0]?.actions).toEqual(actions)
  })

  it("understands several scopes, in one parameter or in several, and joins those of one repository", () => {
    const access = grantAccess(["repository:a:pull repository:b:pull", "repository:a:push"], ["runner"])

    expect(access).toEqual([
      { type: "repository", name: "a", actions: ["pull", "push"] },
      { type: "repository", name: "b", actions: ["pull"] },
    ])
  })
})
